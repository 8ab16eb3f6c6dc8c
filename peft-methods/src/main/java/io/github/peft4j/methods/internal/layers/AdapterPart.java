package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.models.kernel.Weight;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Something that an adapter has put into a model; see {@link AdapterParts}. */
public interface AdapterPart {

    /** What is saved of it, by full key in the adapter file. */
    Map<String, Weight> parameters();

    /** Other keys of the same weights, as {@link io.github.peft4j.core.method.Adapter#aliases}. */
    default Map<String, String> aliases() {
        return Map.of();
    }

    /** What of that is trained. */
    default Map<String, Weight> trainable() {
        return parameters();
    }

    /** Paths of the layers that it changes. */
    Set<String> paths();

    /** On: the model computes with it. Off: the model computes what it did before, to the bit. */
    void setEnabled(boolean enabled);

    /** Called after {@link #parameters} got saved values. */
    default void afterLoad() {}

    /** Takes it out of the model and frees it. */
    void remove();

    /** Weights that stand under several keys once, under the first. */
    static Map<String, Weight> once(Map<String, Weight> weights) {
        Map<String, Weight> found = new LinkedHashMap<>();
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        weights.forEach((key, weight) -> {
            if (seen.add(weight)) {
                found.put(key, weight);
            }
        });
        return found;
    }

    /** Layers that are trained whole. */
    static AdapterPart of(ModulesToSave whole) {
        return new AdapterPart() {
            @Override
            public Map<String, Weight> parameters() {
                return whole.parameters();
            }

            @Override
            public Map<String, Weight> trainable() {
                return once(whole.parameters());
            }

            @Override
            public Set<String> paths() {
                return whole.copies().keySet();
            }

            @Override
            public void setEnabled(boolean enabled) {
                whole.setEnabled(enabled);
            }

            @Override
            public void remove() {
                whole.remove();
            }
        };
    }
}
