package io.github.peft4j.methods.vera.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.internal.ScopedKernels;

/** The numeric operations of VeRA, written in {@code vera.py}; results belong to the scope given. */
record VeraKernels(ScopedKernels kernels) {

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    static VeraKernels of(Kernels kernels) {
        return new VeraKernels(ScopedKernels.of(kernels.scope(), VeraKernels.class, "vera.py"));
    }

    /** base + b (B (d inner)): inner [N, R], d [R], B [out, R], b [out], base [N, out]. */
    NDArray up(NDArray inner, NDArray d, NDArray up, NDArray b, NDArray base) {
        return kernels.array("up", inner, d, up, b, base);
    }

    /** Gradient of {@link #up}'s d inner, [N, R]. */
    NDArray flowed(NDArray g, NDArray up, NDArray b) {
        return kernels.array("flowed", g, up, b);
    }

    /** Gradient of {@link #up}'s b, float32 [out]. */
    NDArray bGradient(NDArray g, NDArray inner, NDArray d, NDArray up) {
        return kernels.array("b_gradient", g, inner, d, up);
    }

    /** diag(b) B diag(d) A, float32 [out, in]. */
    NDArray delta(NDArray down, NDArray up, NDArray d, NDArray b) {
        return kernels.array("delta", down, up, d, b);
    }

    /** diag(v) w: each row times a value. */
    NDArray scaledRows(NDArray w, NDArray v) {
        return kernels.array("scaled_rows", w, v);
    }
}
