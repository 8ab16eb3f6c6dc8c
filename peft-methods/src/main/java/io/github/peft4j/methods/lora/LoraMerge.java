package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.Mergeable;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges an adapter's layers into their base layers' weights and takes them out again. */
final class LoraMerge implements Mergeable {

    private final Map<String, LoraLayer> layers;
    private final Map<Weight, NDArray> before = new LinkedHashMap<>();
    private boolean merged;

    /** Merges these layers, named by path. */
    LoraMerge(Map<String, LoraLayer> layers) {
        this.layers = layers;
    }

    @Override
    public boolean isMerged() {
        return merged;
    }

    @Override
    public double merge() {
        if (merged) {
            return 0;
        }
        Map<Weight, NDArray> after = new LinkedHashMap<>();
        boolean complete = false;
        double largest = 0;
        try {
            for (Map.Entry<String, LoraLayer> entry : layers.entrySet()) {
                for (Map.Entry<Weight, NDArray> change :
                        entry.getValue().mergedValues().values().entrySet()) {
                    largest = Math.max(largest, take(entry.getKey(), change.getKey(), change.getValue(), after));
                }
            }
            complete = true;
        } finally {
            if (!complete) {
                after.values().forEach(NDArray::close);
            }
        }
        after.forEach(this::put);
        layers.values().forEach(layer -> layer.setMerged(true));
        merged = true;
        return largest;
    }

    /** Rounds new values to the weight's format, checks them and returns their largest distance from the present ones. */
    private static double take(String path, Weight weight, NDArray values, Map<Weight, NDArray> after) {
        Kernels k = weight.scope().kernels();
        try (values) {
            if (!k.allFinite(values)) {
                throw new IllegalStateException("NaNs detected in the merged weights. The adapter seems to be broken ("
                        + path + "." + weight.name() + ")");
            }
            NDArray rounded = k.cast(values, weight.precision());
            after.put(weight, rounded);
            try (NDArray then = k.cast(weight.array(), Precision.FLOAT32);
                    NDArray now = k.cast(rounded, Precision.FLOAT32);
                    NDArray change = k.subtract(now, then)) {
                return k.maxAbs(change);
            }
        }
    }

    private void put(Weight weight, NDArray values) {
        before.put(weight, weight.swap(values));
    }

    @Override
    public void unmerge() {
        if (!merged) {
            return;
        }
        before.forEach(Weight::restore);
        before.clear();
        layers.values().forEach(layer -> layer.setMerged(false));
        merged = false;
    }

    static Weight requireBias(Linear linear) {
        Weight bias = linear.bias();
        if (bias == null) {
            throw new IllegalStateException(
                    "Impossible to merge LoRA with `lora_bias=True` because the base layer has no bias.");
        }
        return bias;
    }

    static NDArray addScaled(Kernels k, @Nullable Weight bias, Weight addend, double scale) {
        try (NDArray scaled = k.scale(addend.array(), scale);
                NDArray before = k.cast(java.util.Objects.requireNonNull(bias).array(), Precision.FLOAT32)) {
            return k.add(before, scaled);
        }
    }
}
