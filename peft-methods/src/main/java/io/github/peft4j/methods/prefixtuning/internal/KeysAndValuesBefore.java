package io.github.peft4j.methods.prefixtuning.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.promptlearning.PromptTable;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.internal.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of keys and values that stand before every row: a place's row holds layer 0's key, layer 0's value, layer 1's key and so on, head
 * by head. Keys go into attention as they are, not rotated.
 *
 * @param table [P, L 2 K Dh]
 * @param cache the model's L, K and Dh
 */
record KeysAndValuesBefore(PromptTable table, Anatomy.CacheGeometry cache) implements Model.InputTransform {

    @Override
    public ModelInput apply(Forward context, ModelInput input) {
        try (Activation all = table.compute(context)) {
            Activation[] parts = split(context, all);
            List<KeyValue> layers = new ArrayList<>();
            for (int layer = 0; layer < cache.layers(); layer++) {
                layers.add(new KeyValue(parts[2 * layer], parts[2 * layer + 1]));
            }
            return input.withPastKeyValues(layers);
        }
    }

    /** Views of the table [P, K, Dh] each; their gradients are joined again. */
    private Activation[] split(Forward context, Activation all) {
        Kernels k = context.kernels();
        long places = all.array().getShape().get(0);
        long width = (long) cache.keyValueHeads() * cache.headSize();
        NDArray[] parts = new NDArray[2 * cache.layers()];
        for (int i = 0; i < parts.length; i++) {
            try (NDArray flat = k.narrow(all.array(), 1, i * width, width)) {
                parts[i] = k.reshape(flat, places, cache.keyValueHeads(), cache.headSize());
            }
        }
        if (!context.isRecording() || !all.needsGradient()) {
            return Arrays.stream(parts).map(Activation::constant).toArray(Activation[]::new);
        }
        return context.tape()
                .push(parts, List.of(), gradients -> all.accumulate(joined(context, gradients, places, width), k));
    }

    private static NDArray joined(Forward context, @Nullable NDArray[] gradients, long places, long width) {
        Kernels k = context.kernels();
        List<NDArray> flat = new ArrayList<>();
        for (NDArray gradient : gradients) {
            flat.add(
                    gradient == null
                            ? context.scope().zeros(Precision.FLOAT32, places, width)
                            : k.reshape(gradient, places, width));
        }
        NDArray joined = k.concat(flat, 1);
        flat.forEach(NDArray::close);
        return joined;
    }
}
