package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import org.jspecify.annotations.Nullable;

/** The numeric operations that only LoRA needs, written in {@code lora.py}; results belong to the scope given. */
public record LoraKernels(ScopedKernels kernels) {

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    public static LoraKernels of(Kernels kernels) {
        return of(kernels.scope());
    }

    /** Operations whose results belong to {@code scope}. */
    public static LoraKernels of(Scope scope) {
        return new LoraKernels(ScopedKernels.of(scope, LoraKernels.class, "lora.py"));
    }

    /** The owner of the results. */
    Scope scope() {
        return kernels.scope();
    }

    /** x a^T: x [N, in], a [R, in]. */
    NDArray inner(NDArray x, NDArray a) {
        return kernels.array("inner", x, a);
    }

    /** inner b^T, plus {@code base} if present: inner [N, R], b [out, R], base [N, out]. */
    NDArray outer(NDArray inner, NDArray b, @Nullable NDArray base) {
        return kernels.array("outer", inner, b, base);
    }

    /** Gradient of {@link #outer}'s inner, g b. */
    NDArray innerGradient(NDArray g, NDArray b) {
        return kernels.array("inner_gradient", g, b);
    }

    /** Gradient of {@link #inner}'s x, flowed a, plus {@code sum} if present. */
    NDArray inputGradient(NDArray flowed, NDArray a, @Nullable NDArray sum) {
        return kernels.array("input_gradient", flowed, a, sum);
    }

    /** Gradient of {@link #inner}'s a, float32. */
    NDArray aGradient(NDArray flowed, NDArray x) {
        return kernels.array("a_gradient", flowed, x);
    }

    /** Gradient of {@link #outer}'s b times {@code scale}, float32. */
    NDArray bGradient(NDArray g, NDArray inner, double scale) {
        return kernels.array("b_gradient", g, inner, scale);
    }

    /** U [m, k], the k largest singular values, V^T [k, n], float64; k = min(m, n). */
    public NDArray[] svd(NDArray w) {
        return kernels.arrays("svd", w);
    }

    /** An approximation of the largest singular values and vectors, float64, as many as {@code start} [n, k] has columns. */
    NDArray[] svdLowRank(NDArray w, NDArray start, int iterations) {
        return kernels.arrays("svd_lowrank", w, start, iterations);
    }

    /** Q and R of the reduced QR decomposition, float64. */
    public NDArray[] qr(NDArray w) {
        return kernels.arrays("qr", w);
    }

    /** A copy in float32 that lies row by row. */
    NDArray rounded(NDArray x) {
        return kernels.array("rounded", x);
    }

    /** A and B, float32, whose product times {@code scale} has these singular values and vectors. */
    NDArray[] spread(NDArray u, NDArray s, NDArray vh, double scale) {
        return kernels.arrays("spread", u, s, vh, scale);
    }

    /** The L2 norms of the rows of w + scale b a, float32; of the columns of w + scale (b a)^T if w lies transposed. */
    NDArray norms(NDArray w, boolean transposed, NDArray a, NDArray b, double scale) {
        return kernels.array(transposed ? "column_norms" : "row_norms", w, a, b, scale);
    }

    /** x / y, element by element. */
    NDArray divide(NDArray x, NDArray y) {
        return kernels.array("divide", x, y);
    }

    /** factor (u - fixed) + fixed, column by column. */
    NDArray stretch(NDArray u, NDArray factor, @Nullable NDArray fixed) {
        return fixed == null ? kernels.array("stretch", u, factor) : kernels.array("stretch_about", u, factor, fixed);
    }

    /** base + (factor - 1) u + factor v, column by column. */
    NDArray stretchDropped(NDArray base, NDArray u, NDArray v, NDArray factor) {
        return kernels.array("stretch_dropped", base, u, v, factor);
    }

    /** The sum over rows of g u, divided by n. */
    NDArray magnitudeGradient(NDArray g, NDArray u, NDArray n) {
        return kernels.array("magnitude_gradient", g, u, n);
    }

    /** (w + delta) factor in float32. */
    NDArray merged(NDArray w, NDArray delta, NDArray factor) {
        return kernels.array("merged", w, delta, factor);
    }
}
