package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer whose update is the Hadamard product of two low-rank matrices:
 * \(y = W x + b + s\,((A_1 B_1) \odot (A_2 B_2))\,x\), with \(s = \alpha / r\).
 *
 * <p>Shapes: x {@code [N, in]}; A {@code [out, R]}; B {@code [R, in]}; y {@code [N, out]}. The factors are float32 whatever the base's
 * format, and the update is put together from them in float32; its product runs in the base's format. It is put together once more in
 * the backward pass instead of being kept.
 *
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022, section 2.2</a>
 */
final class LohaLinear extends LycorisLinear {

    private final List<Weight> factors;
    private final double scale;

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param factors \(A_1, B_1, A_2, B_2\)
     */
    LohaLinear(Module base, List<Weight> factors, double scale, LycorisDropout dropout) {
        super(base, factors, dropout);
        this.factors = factors;
        this.scale = scale;
    }

    /** Factors uniform within one by the root of their columns; the last is zero if the update is to begin as nothing. */
    static List<Weight> factors(NewWeights first, Linear layer, int rank, boolean asNothing) {
        return List.of(
                first.uniform("hada_w1_a", rank, layer.out(), rank),
                first.uniform("hada_w1_b", layer.in(), rank, layer.in()),
                first.uniform("hada_w2_a", rank, layer.out(), rank),
                asNothing
                        ? first.zeros("hada_w2_b", rank, layer.in())
                        : first.uniform("hada_w2_b", layer.in(), rank, layer.in()));
    }

    @Override
    Activation update(Forward context, Activation base, Activation x, @Nullable NDArray keep, boolean needed) {
        Kernels k = context.kernels();
        Precision precision = precisionOfLinear();
        NDArray y;
        try (NDArray delta = delta(k, keep, precision)) {
            y = k.linearAdd(x.array(), delta, base.array());
        }
        List<NDArray> saved = new ArrayList<>(context.save(needed, x.array()));
        if (keep != null) {
            saved.add(keep);
        }
        return context.record(y, needed, saved, g -> backward(k, precision, base, x, saved.get(0), keep, g));
    }

    private void backward(
            Kernels k,
            Precision precision,
            Activation base,
            Activation x,
            NDArray values,
            @Nullable NDArray keep,
            NDArray g) {
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        if (factors.stream().anyMatch(Weight::trainable)) {
            try (NDArray whole = k.outer(g, values)) {
                NDArray[] gradients = LycorisKernels.of(k).hadamardGradient(whole, arrays(), scale, keep);
                for (int i = 0; i < gradients.length; i++) {
                    give(factors.get(i), gradients[i]);
                }
            }
        }
        if (x.needsGradient()) {
            try (NDArray delta = delta(k, keep, precision)) {
                x.accumulate(sum -> k.linearGradient(g, delta, sum));
            }
        }
    }

    private NDArray[] arrays() {
        return factors.stream().map(Weight::array).toArray(NDArray[]::new);
    }

    private NDArray delta(Kernels k, @Nullable NDArray keep, Precision precision) {
        return LycorisKernels.of(k).hadamard(arrays(), scale, keep, precision);
    }

    @Override
    public String write(TokenScript script, String x) {
        return writing(script, x, base -> {
            Precision precision = precisionOfLinear();
            String delta = script.array(k -> delta(k, null, precision));
            return script.line("self.linear_add(" + x + ", " + delta + ", " + base + ", one_dnn)");
        });
    }

    @Override
    protected void mergeInto(MergedValues values) {
        values.addToWeight(delta(values.kernels(), null, Precision.FLOAT32));
    }
}
