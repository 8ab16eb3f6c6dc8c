package io.github.peft4j.core;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A layer of which an adapter trains a copy, whole or some of its weights: what {@code modules_to_save} and trained biases are. A weight
 * that the layer shares with another, as a tied output layer does, is no longer shared by the copy.
 */
public final class TrainedCopy extends Substitute {

    private final Map<String, Weight> weights;

    private TrainedCopy(Module original, Map<String, Weight> weights, boolean idleListed) {
        super(
                original,
                bottom(original).withWeights(weight -> weights.getOrDefault(weight.name(), weight)),
                idleListed);
        this.weights = weights;
    }

    /**
     * Wraps a layer to train some of its weights.
     *
     * @param layer a layer or a {@link Substitute} of it; the copy has the layer's own values
     * @param trained the names of the weights to copy; others are shared with the layer
     * @throws UnsupportedOperationException if this kind of module cannot be copied
     */
    public static TrainedCopy of(Module layer, Predicate<String> trained) {
        return new TrainedCopy(layer, copies(layer, trained), false);
    }

    /**
     * Wraps a layer to train all of it; the layer stays listed beside its copy.
     *
     * @param layer a layer or a {@link Substitute} of it; the copy has the layer's own values
     * @throws UnsupportedOperationException if this kind of module cannot be copied
     */
    public static TrainedCopy whole(Module layer) {
        return new TrainedCopy(layer, copies(layer, name -> true), true);
    }

    private static Map<String, Weight> copies(Module layer, Predicate<String> trained) {
        Map<String, Weight> copies = new LinkedHashMap<>();
        bottom(layer).withWeights(weight -> {
            if (trained.test(weight.name())) {
                copies.put(weight.name(), copy(weight));
            }
            return weight;
        });
        return copies;
    }

    private static Weight copy(Weight weight) {
        Kernels k = weight.scope().kernels();
        NDArray values = k.copy(weight.array());
        if (weight.precision() == weight.computePrecision()) {
            return new Weight(weight.name(), values, weight.precision(), weight.scope(), false);
        }
        try (values) {
            NDArray cast = k.cast(values, weight.computePrecision());
            return new Weight(weight.name(), cast, weight.computePrecision(), weight.scope(), false);
        }
    }

    /** The copied weights by name. */
    public Map<String, Weight> weights() {
        return weights;
    }

    /** The largest difference between a copied weight and the layer's own. */
    public double largestChange() {
        double largest = 0;
        for (Map.Entry<String, Weight> entry : weights.entrySet()) {
            Weight before = Objects.requireNonNull(bottom(original()).ownWeights().get(entry.getKey()));
            Kernels k = before.scope().kernels();
            try (NDArray then = k.cast(before.array(), Precision.FLOAT32);
                    NDArray now = k.cast(entry.getValue().array(), Precision.FLOAT32);
                    NDArray change = k.subtract(now, then)) {
                largest = Math.max(largest, k.maxAbs(change));
            }
        }
        return largest;
    }
}
