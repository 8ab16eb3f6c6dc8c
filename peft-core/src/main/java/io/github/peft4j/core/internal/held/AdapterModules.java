package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.core.selection.BaseModules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which modules of a model an adapter's parameters are for. */
public final class AdapterModules {

    private AdapterModules() {}

    /** The adapters by name in the order they were added. */
    public static Map<String, Adapter> byName(HeldAdapters adapters) {
        Map<String, Adapter> byName = new LinkedHashMap<>();
        adapters.all().forEach(held -> byName.put(held.name(), held.adapter()));
        return Collections.unmodifiableMap(byName);
    }

    /** What an adapter is and does. */
    public static ModelStatus.OfAdapter status(HeldAdapter held, BaseModules modules) {
        Map<String, List<String>> byModule = new LinkedHashMap<>();
        var paths = modules.outermostByPath().keySet();
        held.adapter().parameters().keySet().forEach(key -> {
            String below = below(key, paths);
            String path = path(key, paths);
            byModule.computeIfAbsent(path, p -> new ArrayList<>())
                    .add(path.isEmpty() ? below : below.substring(path.length() + 1));
        });
        return new ModelStatus.OfAdapter(
                held.name(),
                held.adapter().config().peftType(),
                held.isActive(),
                held.isTrainable(),
                held.isMerged(),
                held.rowModules().isPresent() && held.carried().vocabulary() == null,
                held.carried().tokens(),
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
}
