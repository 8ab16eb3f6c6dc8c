package io.github.peft4j.core.internal.pattern;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds few ends of paths that set some modules apart from all others: hundreds of full paths become {@code q_proj} and {@code v_proj}. As
 * {@code _find_minimal_target_modules} in {@code peft/tuners/tuners_utils.py}, so that the same names are saved.
 */
public final class MinimalSuffixes {

    private static final Comparator<List<String>> LEXICOGRAPHIC = (one, other) -> {
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            int order = one.get(i).compareTo(other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(one.size(), other.size());
    };

    private MinimalSuffixes() {}

    /**
     * The ends.
     *
     * @param targets the modules to find
     * @param others paths of modules not to be found
     */
    public static Set<String> of(Collection<String> targets, Collection<String> others) {
        Set<String> foreign = new HashSet<>();
        others.forEach(path -> foreign.addAll(suffixes(path)));
        TreeMap<List<String>, String> shortestFirst = new TreeMap<>(LEXICOGRAPHIC);
        targets.forEach(path -> shortestFirst.put(suffixes(path), path));
        Set<String> required = new TreeSet<>();
        shortestFirst.forEach((suffixes, path) -> {
            for (String suffix : suffixes) {
                if (!required.contains(suffix) && !foreign.contains(suffix)) {
                    if (required.stream().noneMatch(known -> path.endsWith("." + known))) {
                        required.add(suffix);
                        break;
                    }
                }
            }
        });
        return required.isEmpty() ? new TreeSet<>(targets) : required;
    }

    /** {@code c}, {@code b.c} and {@code a.b.c} for {@code a.b.c}. */
    private static List<String> suffixes(String path) {
        List<String> found = new ArrayList<>();
        for (int dot = path.lastIndexOf('.'); dot >= 0; dot = path.lastIndexOf('.', dot - 1)) {
            found.add(path.substring(dot + 1));
        }
        found.add(path);
        return found;
    }
}
