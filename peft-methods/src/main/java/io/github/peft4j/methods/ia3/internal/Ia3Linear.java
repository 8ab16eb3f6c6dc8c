package io.github.peft4j.methods.ia3.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;

/**
 * A linear layer whose outputs or inputs are scaled by a trained vector: \(y = l \odot (W x + b)\), in a feed-forward layer
 * \(y = W (l \odot x) + b\).
 *
 * <p>Shapes: x {@code [N, in]}; y {@code [N, out]}; l {@code [out, 1]} or, for inputs, {@code [1, in]}, saved as {@code ia3_l}; float32
 * whatever the base's format, and so are the products with it, rounded to that format afterwards. In GPT-2's transposed layers l has the
 * same shape.
 *
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022, section 3.3</a>
 */
final class Ia3Linear extends AdaptedLayer implements Scripted {

    /** What Hugging Face calls the vector. */
    static final String NAME = "ia3_l";

    private final Weight vector;
    private final boolean ofInput;

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param ofInput whether inputs are scaled, not outputs
     */
    Ia3Linear(Module base, Weight vector, boolean ofInput) {
        super(base);
        this.vector = weight(vector);
        this.ofInput = ofInput;
    }

    @Override
    protected boolean stretches() {
        return true;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        if (!adds()) {
            return wrapped().forward(context, x);
        }
        try (Activation before = ofInput ? scaled(context, x) : wrapped().forward(context, x)) {
            return ofInput ? wrapped().forward(context, before) : scaled(context, before);
        }
    }

    private Activation scaled(Forward context, Activation x) {
        Kernels k = context.kernels();
        LayerKernels kernels = LayerKernels.of(k);
        List<NDArray> saved = context.save(vector.trainable(), x.array());
        NDArray y = kernels.scaleColumns(x.array(), vector.array());
        return context.record(y, Forward.needsGradient(x, vector), saved, g -> {
            if (x.needsGradient()) {
                x.accumulate(kernels.scaleColumns(g, vector.array()), k);
            }
            if (vector.trainable()) {
                vector.accumulate(kernels.scaleGradient(g, saved.get(0), vector.array()));
            }
        });
    }

    @Override
    public String write(TokenScript script, String x) {
        if (!adds()) {
            return script.write(wrapped(), x);
        }
        return ofInput ? script.write(wrapped(), scaled(script, x)) : scaled(script, script.write(wrapped(), x));
    }

    private String scaled(TokenScript script, String x) {
        int format = precisionOfLinear().code();
        String row = script.array(k -> k.reshape(vector.array(), vector.size()));
        return script.line("torch.to(torch.mul(" + x + ", " + row + "), " + format + ")");
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        NDArray matrix = values.get(MergedValues.WEIGHT);
        try (NDArray factor = values.asStored(vector.array())) {
            values.put(MergedValues.WEIGHT, k.multiply(matrix, factor));
        }
        if (!ofInput && values.hasBias()) {
            values.put(
                    MergedValues.BIAS, LayerKernels.of(k).scaleColumns(values.get(MergedValues.BIAS), vector.array()));
        }
    }

    @Override
    protected void free() {
        vector.free();
    }
}
