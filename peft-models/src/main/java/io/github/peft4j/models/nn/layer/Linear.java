package io.github.peft4j.models.nn.layer;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.PackedValues;
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
 * A linear layer: \(y = x W^\top + b\).
 *
 * <p>Shapes: x {@code [N, in]}; W {@code [out, in]}, or {@code [in, out]} in a {@link #conv1d} layer; b {@code [out]}; y
 * {@code [N, out]}. Saved as {@code weight} and {@code bias}. A frozen layer saves nothing for its backward pass.
 */
public final class Linear extends Module implements Biased, Scripted {

    private final Weight weight;
    private final @Nullable Weight bias;
    private final boolean conv1d;

    private Linear(Weight weight, @Nullable Weight bias, boolean conv1d) {
        this.weight = weight(weight);
        this.bias = bias == null ? null : weight(bias);
        this.conv1d = conv1d;
    }

    /** A layer over existing weights. */
    public static Linear of(Weight weight, @Nullable Weight bias) {
        return new Linear(weight, bias, false);
    }

    /** GPT-2's {@code Conv1D}: a linear layer whose weight lies transposed, [in, out]. */
    public static Linear conv1d(Weight weight, @Nullable Weight bias) {
        return new Linear(weight, bias, true);
    }

    /** Reads {@code weight} [out, in], quantized if the model is to be, and, if asked for, {@code bias} [out]. */
    public static Linear load(Weights weights, long in, long out, boolean bias) {
        return of(weights.takeMatrix("weight", out, in), bias ? weights.take("bias", out) : null);
    }

    /** Reads {@code weight} [out, in] and, if asked for, {@code bias} of a head's layer, which is not quantized, as in Hugging Face's models. */
    public static Linear loadHead(Weights weights, long in, long out, boolean bias) {
        return of(weights.take("weight", out, in), bias ? weights.take("bias", out) : null);
    }

    /** Reads {@code weight} [in, out] and {@code bias} [out] of a {@code Conv1D}. */
    public static Linear loadConv1d(Weights weights, long in, long out) {
        weights.refuseQuantization("Conv1D layers");
        return conv1d(weights.take("weight", in, out), weights.take("bias", out));
    }

    /** The matrix W. */
    @Override
    public Weight weight() {
        return weight;
    }

    /** The vector b, or null. */
    @Override
    public @Nullable Weight bias() {
        return bias;
    }

    /** Whether W lies transposed, [in, out]. */
    public boolean isConv1d() {
        return conv1d;
    }

    /** Width of the input. */
    public long in() {
        return weight.shape().get(conv1d ? 0 : 1);
    }

    @Override
    public long out() {
        return weight.shape().get(conv1d ? 1 : 0);
    }

    /** A handle on W as [out, in] in the format of computations; the caller closes it. */
    public NDArray matrix(Kernels kernels) {
        NDArray w = weight.forCompute(kernels);
        if (!conv1d) {
            return w;
        }
        try (w) {
            return kernels.transpose(w);
        }
    }

    @Override
    public Linear withWeights(UnaryOperator<Weight> choice) {
        return new Linear(choice.apply(weight), bias == null ? null : choice.apply(bias), conv1d);
    }

    @Override
    public Linear withBias(Weight other) {
        return new Linear(weight, other, conv1d);
    }

    @Override
    public Activation forward(Forward context, Activation input) {
        Kernels k = context.kernels();
        NDArray y;
        try (NDArray b = bias == null ? null : bias.forCompute(k)) {
            y = product(k, input.array(), b);
        }
        return recorded(context, input, y);
    }

    /** Leaves out the product, and yields zeros that take no memory. */
    @Override
    public Activation replay(Forward context, Activation input) {
        Kernels k = context.kernels();
        long rows = input.array().getShape().get(0);
        return recorded(
                context, input, k.expandedZero(input.array(), new long[] {rows, out()}, weight.computePrecision()));
    }

    private Activation recorded(Forward context, Activation input, NDArray y) {
        Kernels k = context.kernels();
        List<NDArray> saved = context.save(weight.trainable(), input.array());
        return context.record(y, Forward.needsGradient(input, weight, bias), saved, g -> backward(k, input, saved, g));
    }

    private NDArray product(Kernels k, NDArray x, @Nullable NDArray b) {
        PackedValues packed = weight.packed();
        if (packed != null && !conv1d) {
            return packed.outputs(k, x, b, weight.computePrecision());
        }
        try (NDArray w = matrix(k)) {
            return k.linear(x, w, b);
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        PackedValues packed = weight.packed();
        if (packed != null && !conv1d) {
            return script.line(packed.outputs(
                    array -> script.array(kernels -> kernels.alias(array)),
                    weight.computePrecision(),
                    x,
                    script.weight(bias)));
        }
        String w = script.array(this::matrix);
        return script.line("self.linear(" + x + ", " + w + ", " + script.weight(bias) + ", one_dnn)");
    }

    private NDArray inputGradient(Kernels k, NDArray g, @Nullable NDArray sum) {
        PackedValues packed = weight.packed();
        if (packed != null && !conv1d) {
            return packed.inputGradient(k, g, sum, weight.computePrecision());
        }
        try (NDArray w = matrix(k)) {
            return k.linearGradient(g, w, sum);
        }
    }

    private void backward(Kernels k, Activation input, List<NDArray> saved, NDArray g) {
        if (input.needsGradient()) {
            input.accumulate(sum -> inputGradient(k, g, sum));
        }
        if (weight.trainable()) {
            weight.accumulate(conv1d ? k.outer(saved.get(0), g) : k.outer(g, saved.get(0)));
        }
        if (bias != null && bias.trainable()) {
            bias.accumulate(k.sumRows(g));
        }
    }
}
