package io.github.peft4j.models.nn.internal;

import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The weights of a module, of which some stand in several places. */
public final class DistinctWeights {

    private DistinctWeights() {}

    /** Every weight once, under the first path it is found at. */
    public static Map<String, Weight> of(Module module) {
        Map<String, Weight> found = new LinkedHashMap<>();
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        module.weightsByPath().forEach((path, weight) -> {
            if (seen.add(weight)) {
                found.put(path, weight);
            }
        });
        return found;
    }

    /** The trainable ones. */
    public static Map<String, Weight> trainable(Module module) {
        Map<String, Weight> found = of(module);
        found.values().removeIf(weight -> !weight.trainable());
        return found;
    }

    /** The values of all of them. */
    public static long count(Module module) {
        return of(module).values().stream().mapToLong(Weight::size).sum();
    }
}
