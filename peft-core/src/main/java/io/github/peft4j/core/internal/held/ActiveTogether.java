package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adapters that are to be active at the same time, and whether they can be: a place that one has for itself alone no other may have.
 *
 * @param model that they are on
 * @param adapters each once
 */
record ActiveTogether(Model<?> model, List<HeldAdapter> adapters) {

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if two of them exclude each other
     */
    void require() {
        Map<String, String> owners = new LinkedHashMap<>();
        for (HeldAdapter held : adapters) {
            requireFree(owners, held.name(), held.substitutes().keySet(), "each have a copy of it of their own");
            requireFree(owners, held.name(), held.adapter().takesAlone(), "each take it for themselves alone");
        }
        requireOneVocabulary();
    }

    private static void requireFree(Map<String, String> owners, String name, Set<String> places, String reason) {
        for (String place : places) {
            String owner = owners.putIfAbsent(place, name);
            if (owner != null) {
                throw new IllegalArgumentException("Only one adapter can be set at a time for " + place + ": '" + owner
                        + "' and '" + name + "' " + reason);
            }
        }
    }

    private void requireOneVocabulary() {
        Set<String> paths = BaseModules.of(model).outermostByPath().keySet();
        for (HeldAdapter held : adapters) {
            OtherVocabulary vocabulary = held.carried().vocabulary();
            if (vocabulary != null) {
                adapters.stream()
                        .filter(other -> !other.equals(held))
                        .forEach(other -> requireOtherTables(held, vocabulary, other, paths));
            }
        }
    }

    /** Refuses an adapter of the base model's token tables beside one that brings tables of another size. */
    private void requireOtherTables(
            HeldAdapter held, OtherVocabulary vocabulary, HeldAdapter other, Set<String> paths) {
        for (String key : other.adapter().parameters().keySet()) {
            String path = AdapterModules.path(key, paths);
            if (vocabulary.tables().containsKey(path)) {
                throw new IllegalArgumentException("Only one adapter can be set at a time for " + path + ": '"
                        + held.name() + "' brings a vocabulary of " + vocabulary.tokens() + " tokens, and '"
                        + other.name() + "' adapts the model's own of "
                        + model.config().vocabSize());
            }
        }
    }
}
