package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The values of one layer while updates are put into them, float32 until all are in: rounding to the layer's format comes once, at the
 * end. Close it; what {@link #layer} returned stays.
 */
final class MergedValues implements AutoCloseable {

    /** A layer's matrix, in its own layout. */
    static final String WEIGHT = "weight";

    /** A linear layer's bias. */
    static final String BIAS = "bias";

    private final Module layer;
    private final Module unmerged;
    private final Scope scope;
    private final Kernels kernels;
    private final Map<String, NDArray> values = new HashMap<>();
    private double largestChange;

    /**
     * Values of a layer.
     *
     * @param layer as it stands, with what was merged into it before
     * @param unmerged the same without that
     */
    MergedValues(Module layer, Module unmerged) {
        this.layer = layer;
        this.unmerged = unmerged;
        this.scope = Objects.requireNonNull(layer.ownWeights().get(WEIGHT)).scope();
        this.kernels = scope.kernels();
    }

    /** Operations whose results belong to the layer's owner. */
    Kernels kernels() {
        return kernels;
    }

    /** Whether the matrix lies transposed, [in, out]. */
    boolean isTransposed() {
        return layer instanceof Linear linear && linear.isConv1d();
    }

    /** The layer without what was merged into it before. */
    Module unmerged() {
        return unmerged;
    }

    /**
     * Makes sure that there is a bias.
     *
     * @throws IllegalStateException if there is none
     */
    void requireBias() {
        if (!layer.ownWeights().containsKey(BIAS)) {
            throw new IllegalStateException(
                    "Impossible to merge LoRA with `lora_bias=True` because the base layer has no bias.");
        }
    }

    /** The present float32 values; stay this object's. */
    NDArray get(String name) {
        return values.computeIfAbsent(
                name,
                n -> kernels.cast(
                        Objects.requireNonNull(layer.ownWeights().get(n)).array(), Precision.FLOAT32));
    }

    /** Adds an array, which is closed. */
    void add(String name, NDArray addend) {
        try (addend) {
            kernels.addInto(get(name), addend);
        }
    }

    /** Exchanges the values. */
    void put(String name, NDArray changed) {
        NDArray before = values.put(name, changed);
        if (before != null) {
            before.close();
        }
    }

    /**
     * The layer over the values, rounded to its format.
     *
     * @param adapterName for the message
     * @param path of the layer, for the message
     * @throws IllegalStateException if a value is not finite
     */
    Module layer(String adapterName, String path) {
        Map<String, Weight> changed = new HashMap<>();
        boolean complete = false;
        try {
            for (Map.Entry<String, NDArray> entry : values.entrySet()) {
                Weight before = Objects.requireNonNull(layer.ownWeights().get(entry.getKey()));
                changed.put(entry.getKey(), rounded(before, entry.getValue(), adapterName, path));
            }
            complete = true;
        } finally {
            if (!complete) {
                changed.values().forEach(LoraLayer::free);
            }
        }
        return layer.withWeights(weight -> changed.getOrDefault(weight.name(), weight));
    }

    private Weight rounded(Weight before, NDArray value, String adapterName, String path) {
        Precision precision = before.computePrecision();
        NDArray rounded = kernels.cast(value, precision);
        if (!kernels.allFinite(rounded)) {
            rounded.close();
            throw new IllegalStateException("NaNs detected in the merged weights. The adapter " + adapterName
                    + " seems to be broken (" + path + "." + before.name() + ")");
        }
        try (NDArray then = kernels.cast(before.array(), Precision.FLOAT32);
                NDArray now = kernels.cast(rounded, Precision.FLOAT32);
                NDArray change = kernels.subtract(now, then)) {
            largestChange = Math.max(largestChange, kernels.maxAbs(change));
        }
        return new Weight(before.name(), rounded, precision, scope, false);
    }

    /** The largest absolute change of a value by {@link #layer}. */
    double largestChange() {
        return largestChange;
    }

    @Override
    public void close() {
        values.values().forEach(NDArray::close);
        values.clear();
    }
}
