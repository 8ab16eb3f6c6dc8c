package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.TokenScript;
import org.jspecify.annotations.Nullable;

/**
 * The two factors of an update \(s B A\) and its products with rows of inputs.
 *
 * @param a A, float32 [R, in]
 * @param b B, float32 [out, R]
 * @param scale s
 */
public record LowRank(Weight a, Weight b, double scale) {

    /**
     * The factors as one pass computes with them: in the base layer's format, B already times s. They are made once per pass and serve
     * its backward pass too; the pass owns them.
     */
    record Factors(NDArray a, NDArray b) {}

    private record DownKey(Weight a, Precision precision) {}

    private record UpKey(Weight b, double scale, Precision precision) {}

    /** The factors for a pass. */
    Factors factors(Forward context, Precision precision) {
        NDArray down = context.shared(new DownKey(a, precision), () -> a.in(precision, context.kernels()));
        return new Factors(down, up(context, precision));
    }

    /** B times s for a pass. */
    NDArray up(Forward context, Precision precision) {
        return context.shared(new UpKey(b, scale, precision), () -> scaledB(context.kernels(), precision));
    }

    private NDArray scaledB(Kernels k, Precision precision) {
        if (scale == 1) {
            return b.in(precision, k);
        }
        NDArray scaled = k.scale(b.array(), scale);
        if (precision == Precision.FLOAT32) {
            return scaled;
        }
        try (scaled) {
            return k.cast(scaled, precision);
        }
    }

    /** Writes \(y + s B A x\) into a script; returns its name. */
    String write(TokenScript script, Precision precision, String x, String y) {
        String down = script.array(k -> a.in(precision, k));
        String up = script.array(k -> scaledB(k, precision));
        return script.line(
                "self.linear_add(self.linear(" + x + ", " + down + ", None, one_dnn), " + up + ", " + y + ", one_dnn)");
    }

    /** Whether a backward pass has anything to do for x or the factors. */
    boolean needsGradient(Activation x) {
        return Forward.needsGradient(x, a, b);
    }

    /** x A^T [N, R]. */
    static NDArray inner(Kernels k, Factors factors, NDArray x) {
        return LoraKernels.of(k).inner(x, factors.a());
    }

    /** s inner B^T for {@code up} s B, plus {@code base} if present, [N, out]. */
    static NDArray outer(Kernels k, NDArray up, NDArray inner, @Nullable NDArray base) {
        return LoraKernels.of(k).outer(inner, up, base);
    }

    /**
     * Gradients of both factors and of x.
     *
     * @param factors those of the forward pass
     * @param values x's values there
     * @param inner what {@link #inner} returned there
     * @param g gradient of the update
     */
    void backward(Kernels k, Factors factors, Activation x, NDArray values, NDArray inner, NDArray g) {
        accumulateB(k, g, inner);
        if (!a.trainable() && !x.needsGradient()) {
            return;
        }
        try (NDArray flowed = innerGradient(k, factors.b(), g)) {
            if (a.trainable()) {
                a.accumulate(LoraKernels.of(k).aGradient(flowed, values));
            }
            if (x.needsGradient()) {
                x.accumulate(sum -> LoraKernels.of(k).inputGradient(flowed, factors.a(), sum));
            }
        }
    }

    /** Adds s g^T inner to B's gradient. */
    void accumulateB(Kernels k, NDArray g, NDArray inner) {
        if (b.trainable()) {
            b.accumulate(LoraKernels.of(k).bGradient(g, inner, scale));
        }
    }

    /** s g B [N, R] for {@code up} s B. */
    static NDArray innerGradient(Kernels k, NDArray up, NDArray g) {
        return LoraKernels.of(k).innerGradient(g, up);
    }

    /** s B A [out, in], float32. */
    public NDArray delta(Kernels k) {
        NDArray delta = k.matmul(b.array(), a.array());
        k.scaleInto(delta, scale);
        return delta;
    }

    /**
     * \(s (B A)^\top\) [in, out], float32; to the bit what {@link #delta} is of factors that share their memory with these, so that tied layers
     * stay tied when both are merged.
     */
    NDArray deltaTransposed(Kernels k) {
        try (NDArray left = k.transpose(a.array());
                NDArray right = k.transpose(b.array())) {
            NDArray delta = k.matmul(left, right);
            k.scaleInto(delta, scale);
            return delta;
        }
    }

    /** Frees the factors. */
    void free() {
        a.free();
        b.free();
    }
}
