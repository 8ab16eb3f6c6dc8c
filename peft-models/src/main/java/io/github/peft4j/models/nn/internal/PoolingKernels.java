package io.github.peft4j.models.nn.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;

/**
 * One value of a row's several tokens, written in {@code pooling.py}: x [N, D] to [B, D], forward and backward; under the rules of
 * {@link io.github.peft4j.models.kernel.Kernels}.
 */
public final class PoolingKernels {

    private final ScopedKernels kernels;

    private PoolingKernels(ScopedKernels kernels) {
        this.kernels = kernels;
    }

    /** Operations with results owned by a scope. */
    public static PoolingKernels of(Scope scope) {
        return new PoolingKernels(ScopedKernels.of(scope, PoolingKernels.class, "pooling.py"));
    }

    /** The sum of x over each row, each token times its weight, float32 [N, 1]; summed in float32. */
    public NDArray rowSums(NDArray x, NDArray weights, long[] starts, long[] lengths) {
        return kernels.array("row_sums", x, weights, starts, lengths);
    }

    /** Gradient of {@link #rowSums}'s x, given the row of each token, int64 [N]. */
    public NDArray rowSumsGradient(NDArray g, NDArray weights, NDArray rows) {
        return kernels.array("row_sums_gradient", g, weights, rows);
    }

    /** The largest of each row's values, and the numbers of the tokens that have them, int64 [B, D]. */
    public NDArray[] rowMaxima(NDArray x, long[] starts, long[] lengths) {
        return kernels.arrays("row_maxima", x, starts, lengths);
    }

    /** Gradient of {@link #rowMaxima}'s x, of so many tokens. */
    public NDArray rowMaximaGradient(NDArray g, NDArray places, long tokens) {
        return kernels.array("row_maxima_gradient", g, places, tokens);
    }

    /** x / max(|x|, 1e-12), row by row. */
    public NDArray unit(NDArray x) {
        return kernels.array("unit", x);
    }

    /** Gradient of {@link #unit}'s x. */
    public NDArray unitGradient(NDArray g, NDArray x) {
        return kernels.array("unit_gradient", g, x);
    }
}
