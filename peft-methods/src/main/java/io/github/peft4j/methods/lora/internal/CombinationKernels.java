package io.github.peft4j.methods.lora.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import java.util.List;

/** The numeric operations that only combining adapters needs, written in {@code combination.py}; results belong to the scope given. */
final class CombinationKernels {

    private final ScopedKernels kernels;

    /** Operations whose results belong to {@code scope}. */
    CombinationKernels(Scope scope) {
        this.kernels = ScopedKernels.of(scope, CombinationKernels.class, "combination.py");
    }

    /** x with all but the k largest absolute values zero. */
    NDArray largest(NDArray x, long k) {
        return kernels.array("largest", x, k);
    }

    /**
     * The mean, at each place, of those weighted values whose sign the place has elected.
     *
     * @param values as they vote, of one shape
     * @param weighted the same times their weights
     * @param total whether the sign of the sum is elected, and not that of most values
     */
    NDArray elected(List<NDArray> values, List<NDArray> weighted, boolean total) {
        return kernels.array("elected", values, weighted, total);
    }

    /** A [k, in] and B [out, k], float32, of singular vectors and values u [out, k], s [k], vh [k, in]. */
    NDArray[] factors(NDArray u, NDArray s, NDArray vh) {
        return kernels.arrays("factors", u, s, vh);
    }

    /** x cut off where it is further from zero than a quantile of all values of both factors. */
    NDArray clamped(NDArray x, NDArray a, NDArray b, double quantile) {
        return kernels.array("clamped", x, a, b, quantile);
    }
}
