package io.github.peft4j.core.internal.pattern;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Values by patterns of module paths, as {@code rank_pattern} and {@code alpha_pattern} have them: the first key, in the order of the
 * config, that as a regular expression matches a path or what follows one of its dots. As {@code get_pattern_key} in
 * {@code peft/utils/other.py}. Immutable.
 *
 * @param <V> the values
 */
public final class PatternTable<V> {

    private record Entry<V>(String key, PythonPattern pattern, V value) {}

    private final List<Entry<V>> entries;

    private PatternTable(List<Entry<V>> entries) {
        this.entries = entries;
    }

    /**
     * A table.
     *
     * @param values by key, in order
     * @throws IllegalArgumentException if a key is no valid regular expression of Python
     */
    public static <V> PatternTable<V> of(Map<String, V> values) {
        return new PatternTable<>(values.entrySet().stream()
                .map(e -> new Entry<>(e.getKey(), PythonPattern.compile("(.*\\.)?(" + e.getKey() + ")$"), e.getValue()))
                .toList());
    }

    /**
     * The value for a module.
     *
     * @throws IllegalArgumentException if a pattern takes longer than an honest one needs
     */
    public Optional<V> find(String path) {
        return find(path, new Steps());
    }

    Optional<V> find(String path, Steps steps) {
        return entries.stream()
                .filter(entry -> entry.pattern.matchesStart(path, steps))
                .findFirst()
                .map(Entry::value);
    }

    /** The value for a module, or another. */
    public V get(String path, V otherwise) {
        return find(path).orElse(otherwise);
    }

    /** The keys that match none of these modules, whether or not an earlier key matched first. */
    public List<String> unmatched(Collection<String> paths) {
        Steps steps = new Steps();
        return entries.stream()
                .filter(entry -> paths.stream().noneMatch(path -> entry.pattern.matchesStart(path, steps)))
                .map(Entry::key)
                .toList();
    }

    /** The values by key, in order. */
    public Map<String, V> values() {
        Map<String, V> values = new LinkedHashMap<>();
        entries.forEach(entry -> values.put(entry.key, entry.value));
        return values;
    }
}
