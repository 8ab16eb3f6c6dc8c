package io.github.peft4j.core.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
