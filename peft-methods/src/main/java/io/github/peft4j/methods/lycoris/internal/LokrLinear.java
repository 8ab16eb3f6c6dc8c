package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.TokenScript;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer whose update is a Kronecker product: \(y = W x + b + s\,(W_1 \otimes W_2)\,x\), with \(s = \alpha / r\).
 *
 * <p>Shapes: x {@code [N, C E]}; \(W_1\) {@code [A, C]}; \(W_2\) {@code [B, E]}; y {@code [N, A B]}. The update is never made: its product
 * with x is \(W_1 (X W_2^\top)\) for x as a matrix X {@code [C, E]}, far fewer operations than Hugging Face PEFT's, which makes it. The
 * factors are float32 whatever the base's format; their products with x run in the base's format.
 *
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024, section 3.2</a>
 */
final class LokrLinear extends LycorisLinear {

    private final KroneckerFactor left;
    private final KroneckerFactor right;
    private final KroneckerSizes sizes;
    private final double scale;

    /** Wraps a linear layer, or a wrapper of one. */
    LokrLinear(
            Module base,
            KroneckerFactor left,
            KroneckerFactor right,
            KroneckerSizes sizes,
            double scale,
            LycorisDropout dropout) {
        super(
                base,
                Stream.concat(left.weights().stream(), right.weights().stream()).toList(),
                dropout);
        this.left = left;
        this.right = right;
        this.sizes = sizes;
        this.scale = scale;
    }

    @Override
    Activation update(Forward context, Activation base, Activation x, @Nullable NDArray keep, boolean needed) {
        Kernels k = context.kernels();
        NDArray w1 = left.shared(context, scale, precisionOfLinear());
        NDArray w2 = right.shared(context, 1, precisionOfLinear());
        NDArray[] made = LycorisKernels.of(k).kronecker(x.array(), w1, w2, base.array(), keep);
        List<NDArray> saved = new ArrayList<>(context.save(needed, x.array()));
        saved.add(made[1]);
        if (keep != null) {
            saved.add(keep);
        }
        return context.record(
                made[0], needed, saved, g -> backward(k, w1, w2, base, x, saved.get(0), made[1], keep, g));
    }

    private void backward(
            Kernels k,
            NDArray w1,
            NDArray w2,
            Activation base,
            Activation x,
            NDArray values,
            NDArray inner,
            @Nullable NDArray keep,
            NDArray g) {
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        LycorisKernels kernels = LycorisKernels.of(k);
        NDArray[] gradients = kernels.kroneckerInnerGradient(g, w1, inner, keep);
        k.scaleInto(gradients[1], scale);
        left.accumulate(k, gradients[1]);
        try (NDArray flowed = gradients[0]) {
            if (right.isTrainable()) {
                right.accumulate(k, kernels.kroneckerOuterGradient(flowed, values));
            }
            if (x.needsGradient()) {
                x.accumulate(sum -> kernels.kroneckerInputGradient(flowed, w2, sum));
            }
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return writing(script, x, base -> written(script, x, base));
    }

    private String written(TokenScript script, String x, String base) {
        Precision precision = precisionOfLinear();
        String w1 = script.array(k -> left.value(k, scale, precision));
        String w2 = script.array(k -> {
            try (NDArray value = right.value(k, 1, precision)) {
                return k.transpose(value);
            }
        });
        String matrix = script.line("torch.reshape(" + x + ", [-1, " + sizes.inLeft() + ", " + sizes.inRight() + "])");
        String update = script.line("torch.matmul(" + w1 + ", torch.matmul(" + matrix + ", " + w2 + "))");
        return script.line("torch.add(" + base + ", torch.reshape(" + update + ", [-1, "
                + (sizes.outLeft() * sizes.outRight()) + "]))");
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        try (NDArray w1 = left.value(k, scale, Precision.FLOAT32);
                NDArray w2 = right.value(k, 1, Precision.FLOAT32)) {
            values.addToWeight(LycorisKernels.of(k).kron(w1, w2));
        }
    }
}
