package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import org.jspecify.annotations.Nullable;

/**
 * The two factors of an update \(s B A\) and its products with rows of inputs.
 *
 * @param a A, float32 [R, in]
 * @param b B, float32 [out, R]
 * @param scale s, \(\alpha / r\) or \(\alpha / \sqrt r\)
 */
record LowRank(Weight a, Weight b, double scale) {

    /** Whether a backward pass has anything to do for x or the factors. */
    boolean needsGradient(Activation x) {
        return Forward.needsGradient(x, a, b);
    }

    /** s x A^T [N, R] in the given format. */
    NDArray inner(Kernels k, Precision precision, NDArray x) {
        try (NDArray now = a.in(precision, k)) {
            NDArray inner = k.linear(x, now, null);
            k.scaleInto(inner, scale);
            return inner;
        }
    }

    /** inner B^T, plus {@code base} if present, [N, out]. */
    NDArray outer(Kernels k, Precision precision, NDArray inner, @Nullable NDArray base) {
        try (NDArray now = b.in(precision, k)) {
            return base == null ? k.linear(inner, now, null) : k.linearAdd(inner, now, base);
        }
    }

    /**
     * Gradients of both factors and of x.
     *
     * @param values x's values in the forward pass
     * @param inner what {@link #inner} returned there
     * @param g gradient of the update
     */
    void backward(Kernels k, Precision precision, Activation x, NDArray values, NDArray inner, NDArray g) {
        if (b.trainable()) {
            b.accumulate(k.outer(g, inner));
        }
        if (!a.trainable() && !x.needsGradient()) {
            return;
        }
        try (NDArray aNow = a.in(precision, k);
                NDArray flowed = innerGradient(k, precision, g)) {
            if (a.trainable()) {
                a.accumulate(k.outer(flowed, values));
            }
            if (x.needsGradient()) {
                x.accumulate(sum -> k.linearGradient(flowed, aNow, sum));
            }
        }
    }

    /** s g B [N, R]. */
    NDArray innerGradient(Kernels k, Precision precision, NDArray g) {
        try (NDArray now = b.in(precision, k)) {
            NDArray inner = k.linearGradient(g, now, null);
            k.scaleInto(inner, scale);
            return inner;
        }
    }

    /** s B A [out, in], float32. */
    NDArray delta(Kernels k) {
        NDArray delta = k.matmul(b.array(), a.array());
        k.scaleInto(delta, scale);
        return delta;
    }
}
