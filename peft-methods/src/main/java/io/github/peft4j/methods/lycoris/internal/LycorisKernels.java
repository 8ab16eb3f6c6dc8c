package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import org.jspecify.annotations.Nullable;

/** The numeric operations of LoHa and LoKr, written in {@code lycoris.py}; results belong to the scope given. */
record LycorisKernels(ScopedKernels kernels) {

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    static LycorisKernels of(Kernels kernels) {
        return new LycorisKernels(ScopedKernels.of(kernels.scope(), LycorisKernels.class, "lycoris.py"));
    }

    /**
     * scale (a1 b1) * (a2 b2) [out, in], rows times {@code keep} if present.
     *
     * @param factors a1, b1, a2, b2
     */
    NDArray hadamard(NDArray[] factors, double scale, @Nullable NDArray keep, Precision precision) {
        return kernels.array("hadamard", factors[0], factors[1], factors[2], factors[3], scale, keep, precision.code());
    }

    /** Gradients of the four factors from that of the update, g [out, in]. */
    NDArray[] hadamardGradient(NDArray g, NDArray[] factors, double scale, @Nullable NDArray keep) {
        return kernels.arrays("hadamard_gradient", g, factors[0], factors[1], factors[2], factors[3], scale, keep);
    }

    /** base + keep * (w1 kron w2) x [N, A B], and x w2^T [N, C, B]: x [N, C E], w1 [A, C], w2 [B, E]. */
    NDArray[] kronecker(NDArray x, NDArray w1, NDArray w2, NDArray base, @Nullable NDArray keep) {
        return kernels.arrays("kronecker", x, w1, w2, base, keep);
    }

    /** Gradients of x w2^T and of w1, the latter float32. */
    NDArray[] kroneckerInnerGradient(NDArray g, NDArray w1, NDArray inner, @Nullable NDArray keep) {
        return kernels.arrays("kronecker_inner_gradient", g, w1, inner, keep);
    }

    /** Gradient of w2, float32, from that of x w2^T. */
    NDArray kroneckerOuterGradient(NDArray flowed, NDArray x) {
        return kernels.array("kronecker_outer_gradient", flowed, x);
    }

    /** Gradient of x from that of x w2^T, plus {@code sum} if present. */
    NDArray kroneckerInputGradient(NDArray flowed, NDArray w2, @Nullable NDArray sum) {
        return kernels.array("kronecker_input_gradient", flowed, w2, sum);
    }

    /** The Kronecker product of two matrices. */
    NDArray kron(NDArray w1, NDArray w2) {
        return kernels.array("kron", w1, w2);
    }

    /** Gradients of a and b from that of a b. */
    NDArray[] productGradient(NDArray g, NDArray a, NDArray b) {
        return kernels.arrays("product_gradient", g, a, b);
    }

    /** For each of the outputs [N, n] 0 with a probability, otherwise 1; float32. Divided by their mean if {@code scaled}. */
    NDArray keep(NDArray outputs, double probability, long seed, boolean scaled) {
        try (NDArray ones = kernels.array("ones", outputs, outputs.getShape().get(1));
                NDArray dropped = kernels.scope().kernels().dropout(ones, probability, seed)) {
            return kernels.array("keep", dropped, scaled);
        }
    }
}
