package io.github.peft4j.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an adapter is and where it sits.
 *
 * @param name its name
 * @param peftType its method
 * @param active whether the model computes with it
 * @param trainable whether training changes it
 * @param merged whether it is merged into the weights now
 * @param parameters number of values that are saved
 * @param modules names of its parameters by the module that they are for; the empty path is the model itself
 */
public record AdapterStatus(
        String name,
        String peftType,
        boolean active,
        boolean trainable,
        boolean merged,
        long parameters,
        Map<String, List<String>> modules) {

    /** Copies the map. */
    public AdapterStatus {
        modules = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(modules));
    }

    static AdapterStatus of(HeldAdapter held, BaseModules modules) {
        Map<String, List<String>> byModule = new LinkedHashMap<>();
        var paths = modules.outermostByPath().keySet();
        held.adapter().parameters().keySet().forEach(key -> {
            String below = below(key, paths);
            String path = path(key, paths);
            byModule.computeIfAbsent(path, p -> new java.util.ArrayList<>())
                    .add(path.isEmpty() ? below : below.substring(path.length() + 1));
        });
        return new AdapterStatus(
                held.name(),
                held.adapter().config().peftType(),
                held.isActive(),
                held.isTrainable(),
                held.isMerged(),
                held.adapter().parameters().values().stream()
                        .mapToLong(weight -> weight.size())
                        .sum(),
                byModule);
    }

    /** The path, among these, of the module that a parameter is for; empty for the model itself. */
    static String path(String key, Set<String> paths) {
        String path = below(key, paths);
        while (!path.isEmpty() && !paths.contains(path)) {
            path = path.substring(0, Math.max(0, path.lastIndexOf('.')));
        }
        return path;
    }

    /** A key without what Hugging Face puts before paths, which may begin with the same word: as much of it as leaves a path. */
    private static String below(String key, Set<String> paths) {
        for (String prefix : List.of(Adapter.KEY_PREFIX, Adapter.MODEL_PREFIX)) {
            String rest = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
            if (rest.indexOf('.') > 0 && paths.contains(rest.substring(0, rest.indexOf('.')))) {
                return rest;
            }
        }
        return key;
    }

    /** A few lines for people: modules that differ only in numbers stand on one. */
    @Override
    public String toString() {
        Map<String, Integer> places = new TreeMap<>();
        modules.forEach((path, names) -> {
            String shape = path.replaceAll("(?<=^|\\.)\\d+(?=\\.|$)", "N");
            places.merge((shape.isEmpty() ? "(model)" : shape) + ": " + String.join(", ", names), 1, Integer::sum);
        });
        String head = String.format(
                Locale.ROOT,
                "%s: %s, %s, %s%s, %,d parameters",
                name,
                peftType,
                active ? "active" : "not active",
                trainable ? "trainable" : "frozen",
                merged ? ", merged" : "",
                parameters);
        return head
                + places.entrySet().stream()
                        .map(place -> "\n  " + place.getKey() + (place.getValue() > 1 ? " x " + place.getValue() : ""))
                        .collect(Collectors.joining());
    }
}
