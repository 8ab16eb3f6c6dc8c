package io.github.peft4j.models.nn.layer.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.NormKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.internal.Biased;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Layer normalisation: \(y = w \cdot (x - \mathrm{mean}(x)) / \sqrt{\mathrm{var}(x) + \epsilon} + b\).
 *
 * <p>Shapes: x and y {@code [N, D]}; w and b {@code [D]}. Saved as {@code weight} and {@code bias}; some architectures have no
 * bias.
 *
 * @see <a href="https://arxiv.org/abs/1607.06450">Ba, Kiros and Hinton 2016</a>
 */
public final class LayerNorm extends Module implements Biased, Scripted {

    private final Weight weight;
    private final @Nullable Weight bias;
    private final double epsilon;

    private LayerNorm(Weight weight, @Nullable Weight bias, double epsilon) {
        this.weight = weight(weight);
        this.bias = bias == null ? null : weight(bias);
        this.epsilon = epsilon;
    }

    /**
     * A norm over existing weights.
     *
     * @param bias [D], or null for none
     */
    public static LayerNorm of(Weight weight, @Nullable Weight bias, double epsilon) {
        return new LayerNorm(weight, bias, epsilon);
    }

    /** Reads {@code weight} and {@code bias} [width]. */
    public static LayerNorm load(Weights weights, long width, double epsilon) {
        return load(weights, width, epsilon, true);
    }

    /** Reads {@code weight} [width], and {@code bias} if the norm has one. */
    public static LayerNorm load(Weights weights, long width, double epsilon, boolean biased) {
        return new LayerNorm(weights.take("weight", width), biased ? weights.take("bias", width) : null, epsilon);
    }

    @Override
    public Weight weight() {
        return weight;
    }

    @Override
    public @Nullable Weight bias() {
        return bias;
    }

    @Override
    public LayerNorm withBias(Weight other) {
        return new LayerNorm(weight, other, epsilon);
    }

    @Override
    public LayerNorm withWeights(UnaryOperator<Weight> choice) {
        return new LayerNorm(choice.apply(weight), bias == null ? null : choice.apply(bias), epsilon);
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Kernels k = context.kernels();
        boolean needed = Forward.needsGradient(x, weight, bias);
        List<NDArray> saved = context.save(needed, x.array());
        NDArray y;
        try (NDArray w = weight.forCompute(k);
                NDArray b = bias == null ? null : bias.forCompute(k)) {
            y = NormKernels.of(k.scope()).layerNorm(x.array(), w, b, epsilon);
        }
        return context.record(y, needed, saved, g -> backward(k, x, saved.get(0), g));
    }

    @Override
    public String write(TokenScript script, String x) {
        return script.line("self.layer_norm(" + x + ", " + script.weight(weight) + ", " + script.weight(bias) + ", "
                + epsilon + ")");
    }

    private void backward(Kernels k, Activation x, NDArray input, NDArray g) {
        NormKernels norms = NormKernels.of(k.scope());
        if (x.needsGradient()) {
            x.accumulate(norms.layerNormGradient(g, input, weight.array(), epsilon), k);
        }
        if (weight.trainable()) {
            weight.accumulate(norms.layerNormWeightGradient(g, input, epsilon));
        }
        if (bias != null && bias.trainable()) {
            bias.accumulate(k.sumRows(g));
        }
    }
}
