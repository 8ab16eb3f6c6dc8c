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
 * Root-mean-square normalisation: \(y = w \cdot x / \sqrt{\mathrm{mean}(x^2) + \epsilon}\), statistics in float32.
 *
 * <p>Shapes: x and y {@code [N, D]}, or {@code [N, H, D]} where heads are normalised; w {@code [D]}. Saved as {@code weight}.
 *
 * <p>Llama and its kin round x to the model's format before they multiply by w. In an {@linkplain #loadExact exact} norm the product is in
 * float32 too, and the factor may be 1 + w.
 *
 * <p>No architecture has a bias here; one that was put in by {@link #withBias} is added to y.
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019</a>
 */
public final class RmsNorm extends Module implements Biased, Scripted {

    private final Weight weight;
    private final @Nullable Weight bias;
    private final double epsilon;
    private final @Nullable Double added;

    private RmsNorm(Weight weight, @Nullable Weight bias, double epsilon, @Nullable Double added) {
        this.weight = weight(weight);
        this.bias = bias == null ? null : weight(bias);
        this.epsilon = epsilon;
        this.added = added;
    }

    /** Reads {@code weight} [width]. */
    public static RmsNorm load(Weights weights, long width, double epsilon) {
        return new RmsNorm(weights.take("weight", width), null, epsilon, null);
    }

    /**
     * Reads {@code weight} [width] of a norm that multiplies in float32.
     *
     * @param added what is added to the weight before: 1 for Gemma, 0 for OLMo 2
     */
    public static RmsNorm loadExact(Weights weights, long width, double epsilon, double added) {
        return new RmsNorm(weights.take("weight", width), null, epsilon, added);
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
    public RmsNorm withBias(Weight other) {
        return new RmsNorm(weight, other, epsilon, added);
    }

    @Override
    public RmsNorm withWeights(UnaryOperator<Weight> choice) {
        return new RmsNorm(choice.apply(weight), bias == null ? null : choice.apply(bias), epsilon, added);
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Kernels k = context.kernels();
        boolean needed = Forward.needsGradient(x, weight, bias);
        List<NDArray> saved = context.save(needed, x.array());
        NDArray y = normed(k, x.array());
        if (bias != null) {
            try (NDArray b = bias.forCompute(k)) {
                k.addInto(y, b);
            }
        }
        return context.record(y, needed, saved, g -> {
            if (x.needsGradient()) {
                x.accumulate(backward(k, g, saved.get(0)), k);
            }
            if (weight.trainable()) {
                weight.accumulate(NormKernels.of(k.scope()).rmsNormWeightGradient(g, saved.get(0), epsilon));
            }
            if (bias != null && bias.trainable()) {
                bias.accumulate(k.sumRows(g));
            }
        });
    }

    private NDArray backward(Kernels k, NDArray g, NDArray x) {
        NormKernels norms = NormKernels.of(k.scope());
        if (added == null) {
            return norms.rmsNormGradient(g, x, weight.array(), epsilon);
        }
        try (NDArray w = exact(k, added)) {
            return norms.rmsNormGradient(g, x, w, epsilon);
        }
    }

    private NDArray normed(Kernels k, NDArray x) {
        if (added != null) {
            try (NDArray w = exact(k, added)) {
                return NormKernels.of(k.scope()).rmsNormExact(x, w, epsilon);
            }
        }
        try (NDArray w = weight.forCompute(k)) {
            return NormKernels.of(k.scope()).rmsNorm(x, w, epsilon);
        }
    }

    /** The weight and what is added to it, float32 [D]. */
    private NDArray exact(Kernels k, double more) {
        return k.plus(weight.array(), more);
    }

    @Override
    public String write(TokenScript script, String x) {
        String y = added == null
                ? written(script, x)
                : script.line(
                        "self.rms_norm_exact(" + x + ", " + script.array(k -> exact(k, added)) + ", " + epsilon + ")");
        return bias == null ? y : script.line("torch.add(" + y + ", " + script.weight(bias) + ")");
    }

    private String written(TokenScript script, String x) {
        String twice = script.array(this::weightTwice);
        String signs = script.array(RmsNorm.class, this::signs);
        return script.line("self.token_rms_norm(" + x + ", " + twice + ", " + signs + ", " + epsilon + ")");
    }

    /** The weight below itself, [2, D]. */
    private NDArray weightTwice(Kernels k) {
        try (NDArray w = weight.forCompute(k);
                NDArray both = k.concat(List.of(w, w), 0)) {
            return k.reshape(both, 2, weight.size());
        }
    }

    /** 1 and -1, [1, 2, 1]. */
    private NDArray signs(Kernels k) {
        try (NDArray signs = k.scope().floats(new float[] {1, -1}, 1, 2, 1)) {
            return k.cast(signs, weight.computePrecision());
        }
    }
}
