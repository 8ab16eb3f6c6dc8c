package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Root-mean-square normalisation: \(y = w \cdot x / \sqrt{\mathrm{mean}(x^2) + \epsilon}\), statistics in float32.
 *
 * <p>Shapes: x and y {@code [N, D]}; w {@code [D]}. Saved as {@code weight}.
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich 2019</a>
 */
public final class RmsNorm extends Module implements Scripted {

    private final Weight weight;
    private final double epsilon;

    private RmsNorm(Weight weight, double epsilon) {
        this.weight = weight(weight);
        this.epsilon = epsilon;
    }

    /** Reads {@code weight} [width]. */
    public static RmsNorm load(Weights weights, long width, double epsilon) {
        return new RmsNorm(weights.take("weight", width), epsilon);
    }

    @Override
    public RmsNorm withWeights(UnaryOperator<Weight> choice) {
        return new RmsNorm(choice.apply(weight), epsilon);
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Kernels k = context.kernels();
        boolean needed = Forward.needsGradient(x, weight);
        List<NDArray> saved = context.save(needed, x.array());
        NDArray y;
        try (NDArray w = weight.forCompute(k)) {
            y = k.rmsNorm(x.array(), w, epsilon);
        }
        return context.record(y, needed, saved, g -> {
            if (x.needsGradient()) {
                x.accumulate(k.rmsNormGradient(g, saved.get(0), weight.array(), epsilon), k);
            }
            if (weight.trainable()) {
                weight.accumulate(k.rmsNormWeightGradient(g, saved.get(0), epsilon));
            }
        });
    }

    @Override
    public String write(TokenScript script, String x) {
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
