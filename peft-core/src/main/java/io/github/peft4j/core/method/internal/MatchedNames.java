package io.github.peft4j.core.method.internal;

import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the names in an adapter file go with an adapter.
 *
 * @param names from the adapter's keys to names in the file
 * @param copies from names of second copies to the names of what they must equal
 * @param others names of weights of the base model
 * @param unexpected names that mean nothing
 * @param problems what else is wrong
 */
public record MatchedNames(
        Map<String, String> names,
        Map<String, String> copies,
        List<String> others,
        List<String> unexpected,
        List<String> problems) {

    private static final Logger LOG = LoggerFactory.getLogger(MatchedNames.class);

    /** What a file may hold besides an adapter's own weights. */
    public interface Besides {
        /** Nothing. */
        Besides NONE = new Besides() {
            @Override
            public @Nullable Weight find(String name) {
                return null;
            }

            @Override
            public boolean isUnused(String name) {
                return false;
            }
        };

        /** The base model's weight that a name means, or null if it means none. */
        @Nullable
        Weight find(String name);

        /**
         * What a file would have to hold besides and does not, for messages.
         *
         * @param names those of its names that {@link #find} knows
         */
        default List<String> missing(Collection<String> names) {
            return List.of();
        }

        /** Whether a name means a tensor without content of its own, as buffers of old checkpoints are. */
        boolean isUnused(String name);
    }

    /**
     * Matches names.
     *
     * @param file the names in a file
     * @param keys the adapter's
     * @param aliases other keys of the same weights
     * @param adapter the name that it is loaded under: of several adapters in one file, the one of this name is meant
     */
    public static MatchedNames of(
            Set<String> file, Set<String> keys, Map<String, String> aliases, String adapter, Besides besides) {
        KeySpellings spellings = new KeySpellings(keys, aliases, key -> besides.find(key) != null);
        Map<String, KeySpellings.Meaning> meanings = new LinkedHashMap<>();
        Set<String> adapters = new TreeSet<>();
        List<String> others = new ArrayList<>();
        List<String> unexpected = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String name : file) {
            KeySpellings.Meaning meaning = spellings.of(name);
            if (meaning != null) {
                meanings.put(name, meaning);
                if (meaning.adapter() != null) {
                    adapters.add(meaning.adapter());
                }
            } else if (besides.find(name) != null) {
                others.add(name);
            } else if (!besides.isUnused(name)) {
                unexpected.add(name);
            }
        }
        leaveOut(adapters, adapter, meanings, problems);
        Map<String, String> names = new LinkedHashMap<>();
        Map<String, String> copies = new LinkedHashMap<>();
        ofKind(meanings, KeySpellings.Kind.OWN).forEach((name, key) -> {
            @Nullable String other = names.putIfAbsent(key, name);
            if (other != null) {
                problems.add(key + " stands there twice, as " + other + " and as " + name);
            }
        });
        ofKind(meanings, KeySpellings.Kind.COPY).forEach((name, key) -> {
            @Nullable String other = names.putIfAbsent(key, name);
            if (other != null) {
                copies.put(name, other);
            }
        });
        return new MatchedNames(names, copies, others, unexpected, problems);
    }

    private static Map<String, String> ofKind(Map<String, KeySpellings.Meaning> meanings, KeySpellings.Kind kind) {
        Map<String, String> keys = new LinkedHashMap<>();
        meanings.forEach((name, meaning) -> {
            if (meaning.kind() == kind) {
                keys.put(name, meaning.key());
            }
        });
        return keys;
    }

    /** Leaves out the values of other adapters, where a file has those of several. */
    private static void leaveOut(
            Set<String> adapters, String adapter, Map<String, KeySpellings.Meaning> meanings, List<String> problems) {
        if (adapters.size() < 2) {
            return;
        }
        String meant =
                adapters.contains(adapter) ? adapter : adapters.iterator().next();
        meanings.values()
                .removeIf(meaning ->
                        meaning.adapter() != null && !meaning.adapter().equals(meant));
        if (!meant.equals(adapter)) {
            problems.add("it holds values of several adapters, " + adapters + ", and none of the name '" + adapter
                    + "' that it is loaded under: load it under one of theirs");
            return;
        }
        adapters.remove(adapter);
        LOG.warn("values of the adapters {} in the file are left out: it is loaded as '{}'", adapters, adapter);
    }
}
