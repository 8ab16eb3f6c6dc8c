package io.github.peft4j.models.classification;

import io.github.peft4j.models.ConfigJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of a classifier's outputs; Hugging Face's {@code id2label}.
 *
 * @param names by number, at least one
 */
public record Labels(List<String> names) {

    /** transformers' number of labels where a config has none. */
    private static final int DEFAULT = 2;

    /** The most there can be: above what anybody has, so that no file makes one allocate without bounds. */
    public static final int MOST = 1 << 20;

    /**
     * Keeps a list of its own.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Labels {
        names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("a classifier needs at least one label");
        }
    }

    /**
     * The names in a config: those of {@code id2label}; {@code LABEL_0} and so on for {@code num_labels}, or for two without either.
     *
     * @throws IllegalArgumentException if numbers are missing or not numbers, or names are no texts
     */
    public static Labels of(ConfigJson json) {
        ConfigJson found = json.object("id2label");
        ConfigJson byId = found == null ? ConfigJson.empty() : found;
        int count = json.integerOr(byId.isEmpty() ? DEFAULT : byId.keys().size(), "num_labels");
        if (count > MOST) {
            throw new IllegalArgumentException(
                    json.source() + ": num_labels must be at most " + MOST + ", got " + count);
        }
        // As in transformers: a number of labels that is told counts, and names of another number do not.
        boolean named = byId.keys().size() == count;
        List<String> names = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            names.add(named ? name(byId, id) : "LABEL_" + id);
        }
        return new Labels(names);
    }

    private static String name(ConfigJson byId, int id) {
        String name = byId.textOrNull(String.valueOf(id));
        if (name == null) {
            throw new IllegalArgumentException(byId.source() + " has no name for " + id + ": expected names for 0 to "
                    + (byId.keys().size() - 1) + ", got those for " + byId.keys());
        }
        return name;
    }

    /** C, how many there are. */
    public int count() {
        return names.size();
    }

    /** The number of a name, or -1 if there is none of this name. */
    public int id(String name) {
        return names.indexOf(name);
    }

    /**
     * These as a config has them: {@code id2label} and {@code label2id}.
     *
     * @throws IllegalArgumentException if two are the same
     */
    public Map<String, Object> config() {
        if (new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException("names must differ, got " + String.join(",", names));
        }
        Map<String, Object> byId = new LinkedHashMap<>();
        Map<String, Object> byName = new LinkedHashMap<>();
        for (String name : names) {
            byName.put(name, byId.size());
            byId.put(String.valueOf(byId.size()), name);
        }
        return Map.of("id2label", byId, "label2id", byName);
    }
}
