package io.github.peft4j.core.internal.trained;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.internal.Biased;
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

    private TrainedCopy(Module original, Module copy, Map<String, Weight> weights) {
        super(original, copy);
        this.weights = weights;
    }

    /**
     * Wraps a layer, for {@link BaseModules#wrapInnermost}.
     *
     * @param original the layer, or another substitute of it: the layer itself is what is copied
     * @param trained the names of the weights to copy; others are shared with the layer
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws UnsupportedOperationException if this kind of module cannot be copied
     */
    public static TrainedCopy of(Module original, Predicate<String> trained, AttachContext context) {
        Module layer = layerUnder(original);
        Map<String, Weight> copies = new LinkedHashMap<>();
        layer.withWeights(weight -> {
            if (trained.test(weight.name())) {
                copies.put(weight.name(), copy(weight, context));
            }
            return weight;
        });
        return new TrainedCopy(
                original, layer.withWeights(weight -> copies.getOrDefault(weight.name(), weight)), copies);
    }

    /**
     * Wraps a layer whose weights are trained as another copy's, which it shares them with, as a tied output layer does with its embedding.
     *
     * @param original the layer, or another substitute of it
     * @param shared a copy of a layer that has the same weights by name
     */
    public static TrainedCopy sharing(Module original, TrainedCopy shared) {
        Module copy = layerUnder(original)
                .withWeights(weight -> Objects.requireNonNull(shared.weights.get(weight.name()), weight.name()));
        return new TrainedCopy(original, copy, shared.weights);
    }

    /**
     * Wraps a layer of which the bias alone is trained, one of zeros where the layer has none.
     *
     * @param original the layer, or another substitute of it
     * @param context of the adapter, whose copies are blank where saved values come
     * @throws UnsupportedOperationException if this kind of layer can have no bias
     */
    public static TrainedCopy ofBias(Module original, AttachContext context) {
        Module layer = layerUnder(original);
        if (!(layer instanceof Biased biased)) {
            throw new UnsupportedOperationException(
                    "a " + layer.getClass().getSimpleName() + " has no bias and cannot be given one");
        }
        Weight own = biased.bias();
        Weight bias = own == null ? zeros(biased) : copy(own, context);
        return new TrainedCopy(original, biased.withBias(bias), Map.of(Biased.BIAS, bias));
    }

    private static Weight zeros(Biased layer) {
        Weight beside = layer.weight();
        NDArray zeros = beside.scope().zeros(beside.computePrecision(), layer.out());
        return new Weight(Biased.BIAS, zeros, beside.computePrecision(), beside.scope(), false);
    }

    /** Keeps the copies in float32 from now on, trained or not, whatever format they take part in computations in; returns itself. */
    public TrainedCopy inFloat32() {
        weights.values().forEach(Weight::keepInFloat32);
        return this;
    }

    private static Weight copy(Weight weight, AttachContext context) {
        if (!context.initialise()) {
            return Weight.blank(
                    weight.name(),
                    weight.computePrecision(),
                    weight.scope(),
                    weight.shape().getShape());
        }
        Kernels k = weight.scope().kernels();
        if (weight.packed() != null) {
            NDArray unpacked = weight.in(weight.computePrecision(), k);
            return new Weight(weight.name(), unpacked, weight.computePrecision(), weight.scope(), false);
        }
        NDArray values = k.copy(weight.original());
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

    /** How the copied weights differ from the layer's own, or from zero where it has none, in the format they take part in computations in. */
    public WeightChange change() {
        WeightChange all = WeightChange.NONE;
        for (Map.Entry<String, Weight> entry : weights.entrySet()) {
            Weight before = layerUnder(original()).ownWeights().get(entry.getKey());
            Weight after = entry.getValue();
            Kernels k = after.scope().kernels();
            try (NDArray then = before == null
                            ? after.scope()
                                    .zeros(Precision.FLOAT32, after.shape().getShape())
                            : before.in(Precision.FLOAT32, k);
                    NDArray exact = k.cast(after.array(), Precision.FLOAT32);
                    NDArray rounded = k.cast(exact, after.computePrecision());
                    NDArray now = k.cast(rounded, Precision.FLOAT32);
                    NDArray moved = k.subtract(now, then);
                    NDArray lost = k.subtract(now, exact)) {
                all = all.and(new WeightChange(k.maxAbs(moved), k.maxAbs(lost)));
            }
        }
        return all;
    }
}
