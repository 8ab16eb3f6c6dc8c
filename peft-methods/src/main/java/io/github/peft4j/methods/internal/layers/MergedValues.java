package io.github.peft4j.methods.internal.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of one layer while updates are put into them, float32 until all are in: rounding to the layer's format comes once, at the
 * end. Close it; what {@link #layer} returned stays.
 */
public final class MergedValues implements AutoCloseable {

    /** A layer's matrix, in its own layout. */
    public static final String WEIGHT = "weight";

    /** A linear layer's bias. */
    public static final String BIAS = "bias";

    private final Module layer;
    private final Module unmerged;
    private final Scope scope;
    private final Kernels kernels;
    private final Map<String, NDArray> values = new HashMap<>();
    private WeightChange change = WeightChange.NONE;

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
    public Kernels kernels() {
        return kernels;
    }

    /** Whether the matrix lies transposed, [in, out]. */
    public boolean isTransposed() {
        return layer instanceof Linear linear && linear.isConv1d();
    }

    /** The layer without what was merged into it before. */
    public Module unmerged() {
        return unmerged;
    }

    /** Whether the layer has a bias, or was given one by {@link #add} or {@link #put}. */
    public boolean hasBias() {
        return values.containsKey(BIAS) || layer.ownWeights().containsKey(BIAS);
    }

    /** The present float32 values; stay this object's. A linear layer without a bias has one of zeros once it is asked for. */
    public NDArray get(String name) {
        return values.computeIfAbsent(name, this::initial);
    }

    private NDArray initial(String name) {
        @Nullable Weight own = layer.ownWeights().get(name);
        if (own == null && name.equals(BIAS) && layer instanceof Linear linear) {
            return scope.zeros(Precision.FLOAT32, linear.out());
        }
        return Objects.requireNonNull(own, name).copyIn(Precision.FLOAT32, kernels);
    }

    /** Adds an array, which is closed. */
    public void add(String name, NDArray addend) {
        try (addend) {
            kernels.addInto(get(name), addend);
        }
    }

    /** A matrix [out, in] the way the weight lies; the caller closes both. */
    public NDArray asStored(NDArray matrix) {
        return isTransposed() ? kernels.transpose(matrix) : kernels.alias(matrix);
    }

    /** Adds an update of the weight, [out, in] whichever way the weight lies; it is closed. */
    public void addToWeight(NDArray update) {
        try (update) {
            add(WEIGHT, asStored(update));
        }
    }

    /** Exchanges the values. */
    public void put(String name, NDArray changed) {
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
                Weight before = layer.ownWeights().get(entry.getKey());
                Weight now = rounded(entry.getKey(), before, entry.getValue(), adapterName, path);
                changed.put(entry.getKey(), now);
            }
            complete = true;
        } finally {
            if (!complete) {
                changed.values().forEach(Weight::free);
            }
        }
        Module merged = layer.withWeights(weight -> changed.getOrDefault(weight.name(), weight));
        Weight bias = changed.get(BIAS);
        if (bias == null || layer.ownWeights().containsKey(BIAS)) {
            return merged;
        }
        return ((Linear) merged).withBias(bias);
    }

    private Weight rounded(String name, @Nullable Weight before, NDArray value, String adapterName, String path) {
        Precision precision = before == null ? format() : before.computePrecision();
        NDArray rounded = kernels.cast(value, precision);
        if (!kernels.allFinite(rounded)) {
            rounded.close();
            throw new IllegalStateException("NaNs detected in the merged weights. The adapter " + adapterName
                    + " seems to be broken (" + path + "." + name + ")");
        }
        try (NDArray then = before == null
                        ? scope.zeros(Precision.FLOAT32, value.getShape().get(0))
                        : before.in(Precision.FLOAT32, kernels);
                NDArray now = kernels.cast(rounded, Precision.FLOAT32);
                NDArray moved = kernels.subtract(now, then);
                NDArray lost = kernels.subtract(now, value)) {
            change = change.and(new WeightChange(kernels.maxAbs(moved), kernels.maxAbs(lost)));
        }
        return new Weight(name, rounded, precision, scope, false);
    }

    private Precision format() {
        return Objects.requireNonNull(layer.ownWeights().get(WEIGHT)).computePrecision();
    }

    /** What {@link #layer} changed. */
    WeightChange change() {
        return change;
    }

    @Override
    public void close() {
        values.values().forEach(NDArray::close);
        values.clear();
    }
}
