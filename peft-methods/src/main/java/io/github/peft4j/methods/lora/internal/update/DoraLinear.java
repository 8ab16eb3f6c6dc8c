package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer whose weight's direction gets a low-rank update and whose length is trained by itself:
 * \(y = \frac{m}{n}\,(W + s B A)\,x + b\), where n holds the norms of the rows of \(W + s B A\).
 *
 * <p>Shapes: as {@link LoraLinear}; m {@code [out]}, saved as {@code lora_magnitude_vector}. The norm is worked out anew in each pass,
 * without a matrix of W's size.
 *
 * <p>With dropout in training, as in Hugging Face PEFT, what is added to the base layer's output is
 * \((\frac{m}{n} - 1)\,W \mathrm{drop}(x) + \frac{m}{n}\,s B A\,\mathrm{drop}(x)\), while that output itself sees x.
 *
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al. 2024, section 4</a>
 */
public final class DoraLinear extends LoraLayer implements Scripted {

    private final LowRank update;
    private final @Nullable LowRank taken;
    private final Magnitude magnitude;
    private final double dropout;

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param taken what {@link LoraLinear#rest} under this layer takes out of W, or null
     */
    public DoraLinear(Module base, LowRank update, @Nullable LowRank taken, Weight magnitude, double dropout) {
        super(base);
        weight(update.a());
        weight(update.b());
        this.update = update;
        this.taken = taken;
        this.magnitude = new Magnitude(weight(magnitude));
        this.dropout = dropout;
    }

    @Override
    public LowRank update() {
        return update;
    }

    @Override
    public boolean stretches() {
        return true;
    }

    private Linear linear() {
        return (Linear) layer(this);
    }

    private static NDArray norms(Kernels k, Linear linear, LowRank update, @Nullable LowRank taken) {
        try (NDArray matrix = linear.weight().forCompute(k)) {
            return Magnitude.norms(k, matrix, linear.isConv1d(), update, taken);
        }
    }

    /** The lengths that leave a layer as it is, float32 [out]. */
    public static NDArray initialMagnitude(Linear linear, LowRank update, @Nullable LowRank taken) {
        return norms(linear.weight().scope().kernels(), linear, update, taken);
    }

    @Override
    public boolean dropsActivations() {
        return dropout > 0;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        return updatingDropped(
                context,
                x,
                dropout,
                (base, input) -> input == x ? stretched(context, base, x) : stretchedDropped(context, base, input));
    }

    @Override
    public String write(TokenScript script, String x) {
        return writing(script, x, base -> written(script, x, base));
    }

    /** f (u - b) + b, with f and b (1 - f) made once. */
    private String written(TokenScript script, String x, String base) {
        Linear linear = linear();
        String sum = update.write(script, precisionOfLinear(), x, base);
        String factor = script.array(k -> factor(k, linear));
        String y = "torch.mul(" + sum + ", " + factor + ")";
        if (linear.bias() != null) {
            y = "torch.addcmul(" + script.array(k -> unstretched(k, linear)) + ", " + sum + ", " + factor + ")";
        }
        return script.line("torch.to(" + y + ", ops.prim.dtype(" + sum + "))");
    }

    private NDArray factor(Kernels k, Linear linear) {
        try (NDArray n = norms(k, linear, update, taken)) {
            return magnitude.factor(k, n);
        }
    }

    /** What stretching takes of the bias and must be added again: b (1 - f), float32. */
    private NDArray unstretched(Kernels k, Linear linear) {
        try (NDArray stored = Objects.requireNonNull(bias(k, linear));
                NDArray bias = k.cast(stored, Precision.FLOAT32);
                NDArray factor = factor(k, linear);
                NDArray stretched = k.multiply(bias, factor)) {
            return k.subtract(bias, stretched);
        }
    }

    private boolean needed(Activation base, Activation x) {
        return base.needsGradient()
                || update.needsGradient(x)
                || magnitude.weight().trainable();
    }

    private LowRank.Factors factors(Forward context, LowRank factors) {
        return factors.factors(context, precisionOfLinear());
    }

    private Activation stretched(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Linear linear = linear();
        LowRank.Factors factors = factors(context, update);
        boolean needed = needed(base, x);
        try (NDArray inner = LowRank.inner(k, factors, x.array());
                NDArray sum = LowRank.outer(k, factors.b(), inner, base.array());
                NDArray n = norms(k, linear, update, taken);
                NDArray factor = magnitude.factor(k, n);
                NDArray bias = bias(k, linear)) {
            NDArray y = LoraKernels.of(k).stretch(sum, factor, bias);
            List<NDArray> saved = context.save(needed, x.array(), inner, sum, n, factor);
            return context.record(y, needed, saved, g -> backward(k, factors, linear, base, x, saved, g));
        }
    }

    private static @Nullable NDArray bias(Kernels k, Linear linear) {
        Weight bias = linear.bias();
        return bias == null ? null : bias.forCompute(k);
    }

    private void backward(
            Kernels k,
            LowRank.Factors factors,
            Linear linear,
            Activation base,
            Activation x,
            List<NDArray> saved,
            NDArray g) {
        try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
            if (base.needsGradient()) {
                base.accumulateShared(scaled, k);
            }
            update.backward(k, factors, x, saved.get(0), saved.get(1), scaled);
            Weight bias = linear.bias();
            if (bias != null && bias.trainable()) {
                // It is added once more after the stretching: what the base layer's gradient lacks of g.
                try (NDArray unstretched = k.subtract(g, scaled)) {
                    bias.accumulate(k.sumRows(unstretched));
                }
            }
        }
        if (!magnitude.weight().trainable()) {
            return;
        }
        try (NDArray bias = bias(k, linear);
                NDArray stretched = bias == null ? k.alias(saved.get(2)) : k.subtract(saved.get(2), bias)) {
            magnitude.accumulate(k, g, stretched, saved.get(3));
        }
    }

    private Activation stretchedDropped(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Linear linear = linear();
        LowRank.Factors factors = factors(context, update);
        LowRank.Factors theirs = taken == null ? null : factors(context, taken);
        boolean needed = needed(base, x);
        try (NDArray plain = plain(k, linear, theirs, x.array());
                NDArray inner = LowRank.inner(k, factors, x.array());
                NDArray more = LowRank.outer(k, factors.b(), inner, null);
                NDArray sum = k.add(plain, more);
                NDArray n = norms(k, linear, update, taken);
                NDArray factor = magnitude.factor(k, n)) {
            NDArray y = LoraKernels.of(k).stretchDropped(base.array(), plain, more, factor);
            List<NDArray> saved = context.save(needed, x.array(), inner, sum, n, factor);
            return context.record(
                    y, needed, saved, g -> backwardDropped(k, factors, theirs, linear, base, x, saved, g));
        }
    }

    private static NDArray plain(Kernels k, Linear linear, LowRank.@Nullable Factors taken, NDArray x) {
        try (NDArray w = linear.matrix(k)) {
            NDArray whole = k.linear(x, w, null);
            if (taken == null) {
                return whole;
            }
            try (whole;
                    NDArray inner = LowRank.inner(k, taken, x)) {
                return LowRank.outer(k, taken.b(), inner, whole);
            }
        }
    }

    private void backwardDropped(
            Kernels k,
            LowRank.Factors factors,
            LowRank.@Nullable Factors theirs,
            Linear linear,
            Activation base,
            Activation x,
            List<NDArray> saved,
            NDArray g) {
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
            update.backward(k, factors, x, saved.get(0), saved.get(1), scaled);
            if (x.needsGradient()) {
                try (NDArray w = linear.matrix(k);
                        NDArray less = k.subtract(scaled, g)) {
                    x.accumulate(sum -> k.linearGradient(less, w, sum));
                    if (theirs != null) {
                        try (NDArray flowed = LowRank.innerGradient(k, theirs.b(), less)) {
                            x.accumulate(sum -> LoraKernels.of(k).inputGradient(flowed, theirs.a(), sum));
                        }
                    }
                }
            }
        }
        magnitude.accumulate(k, g, saved.get(2), saved.get(3));
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        Linear linear = (Linear) values.unmerged();
        try (NDArray delta = update.delta(k);
                NDArray turned = values.asStored(delta);
                NDArray n = norms(k, linear, update, taken);
                NDArray factor = magnitude.factor(k, n);
                NDArray shaped = values.isTransposed()
                        ? k.reshape(factor, 1, linear.out())
                        : k.reshape(factor, linear.out(), 1)) {
            values.put(MergedValues.WEIGHT, LoraKernels.of(k).merged(values.get(MergedValues.WEIGHT), turned, shaped));
        }
    }

    @Override
    protected void free() {
        update.free();
        magnitude.weight().free();
    }
}
