package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import java.util.List;
import java.util.Map;

/**
 * A linear layer whose weight's direction gets a low-rank update and whose length is trained by itself:
 * \(y = \frac{m}{n}\,(W + s B A)\,x + b\), where n holds the norms of the rows of \(W + s B A\).
 *
 * <p>Shapes: as {@link LoraLinear}; m {@code [out]}, saved as {@code lora_magnitude_vector}. The norm is worked out anew in each pass from
 * products of the factors, so that no matrix of W's size is made for it.
 *
 * <p>With dropout in training, as in Hugging Face PEFT, what is added to the base layer's output is
 * \((\frac{m}{n} - 1)\,W \mathrm{drop}(x) + \frac{m}{n}\,s B A\,\mathrm{drop}(x)\), while that output itself sees x.
 *
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al. 2024, section 4</a>
 */
final class DoraLinear extends LoraLayer {

    private final LowRank update;
    private final Magnitude magnitude;
    private final double dropout;

    /** Wraps a linear layer, or a wrapper of one. */
    DoraLinear(Module base, LowRank update, Weight magnitude, double dropout) {
        super(base);
        this.update = new LowRank(weight(update.a()), weight(update.b()), update.scale());
        this.magnitude = new Magnitude(weight(magnitude));
        this.dropout = dropout;
    }

    @Override
    Map<String, Weight> parameters() {
        return ownWeights();
    }

    private Linear linear() {
        return (Linear) innermost(this);
    }

    private NDArray norms(Kernels k) {
        try (NDArray matrix = linear().matrix(k)) {
            return Magnitude.norms(k, matrix, update);
        }
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation base = wrapped().forward(context, x);
        if (!adds()) {
            return base;
        }
        Activation dropped = Functions.dropout(context, x, dropout);
        Activation y = dropped == x ? stretched(context, base, x) : stretchedDropped(context, base, dropped);
        if (dropped != x) {
            dropped.close();
        }
        base.close();
        return y;
    }

    private boolean needed(Activation base, Activation x) {
        return base.needsGradient()
                || update.needsGradient(x)
                || magnitude.weight().trainable();
    }

    private Activation stretched(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Precision precision = linear().weight().computePrecision();
        boolean needed = needed(base, x);
        try (NDArray inner = update.inner(k, precision, x.array());
                NDArray sum = update.outer(k, precision, inner, base.array());
                NDArray n = norms(k);
                NDArray factor = magnitude.factor(k, n);
                NDArray bias = bias(k)) {
            NDArray y = LoraKernels.of(k).stretch(sum, factor, bias);
            List<NDArray> saved = context.save(needed, x.array(), inner, sum, n, factor);
            return context.record(y, needed, saved, g -> backward(k, precision, base, x, saved, g));
        }
    }

    private @org.jspecify.annotations.Nullable NDArray bias(Kernels k) {
        Weight bias = linear().bias();
        return bias == null ? null : bias.forCompute(k);
    }

    private void backward(
            Kernels k, Precision precision, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
            if (base.needsGradient()) {
                base.accumulateShared(scaled, k);
            }
            update.backward(k, precision, x, saved.get(0), saved.get(1), scaled);
        }
        if (!magnitude.weight().trainable()) {
            return;
        }
        try (NDArray bias = bias(k);
                NDArray stretched = bias == null ? k.alias(saved.get(2)) : k.subtract(saved.get(2), bias)) {
            magnitude.accumulate(k, g, stretched, saved.get(3));
        }
    }

    private Activation stretchedDropped(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Precision precision = linear().weight().computePrecision();
        boolean needed = needed(base, x);
        try (NDArray w = linear().matrix(k);
                NDArray plain = k.linear(x.array(), w, null);
                NDArray inner = update.inner(k, precision, x.array());
                NDArray more = update.outer(k, precision, inner, null);
                NDArray sum = k.add(plain, more);
                NDArray n = norms(k);
                NDArray factor = magnitude.factor(k, n)) {
            NDArray y = LoraKernels.of(k).stretchDropped(base.array(), plain, more, factor);
            List<NDArray> saved = context.save(needed, x.array(), inner, sum, n, factor);
            return context.record(y, needed, saved, g -> backwardDropped(k, precision, base, x, saved, g));
        }
    }

    private void backwardDropped(
            Kernels k, Precision precision, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
            update.backward(k, precision, x, saved.get(0), saved.get(1), scaled);
            if (x.needsGradient()) {
                try (NDArray w = linear().matrix(k);
                        NDArray less = k.subtract(scaled, g)) {
                    x.accumulate(sum -> k.linearGradient(less, w, sum));
                }
            }
        }
        magnitude.accumulate(k, g, saved.get(2), saved.get(3));
    }

    @Override
    Merged mergedValues() {
        Linear linear = linear();
        Kernels k = linear.weight().scope().kernels();
        long out = linear.out();
        try (NDArray delta = update.delta(k);
                NDArray turned = linear.isConv1d() ? k.transpose(delta) : k.alias(delta);
                NDArray original = linear.isConv1d()
                        ? k.transpose(linear.weight().original())
                        : k.alias(linear.weight().original());
                NDArray n = Magnitude.norms(k, original, update);
                NDArray factor = magnitude.factor(k, n);
                NDArray shaped = linear.isConv1d() ? k.reshape(factor, 1, out) : k.reshape(factor, out, 1)) {
            return new Merged(Map.of(
                    linear.weight(), LoraKernels.of(k).merged(linear.weight().array(), turned, shaped)));
        }
    }
}
