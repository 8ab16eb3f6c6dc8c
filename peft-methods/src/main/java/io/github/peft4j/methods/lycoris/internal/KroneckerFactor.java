package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.List;

/**
 * One of the two matrices of a Kronecker product: trained itself, or as a product of two of low rank. Float32.
 *
 * @param weights the matrix [m, n]; or [m, R] and [R, n]
 */
record KroneckerFactor(List<Weight> weights) {

    /** How a factor begins. */
    enum Start {
        /** As nothing, by its only or left matrix. */
        LEFT_ZERO,
        /** As nothing, by its only or right matrix. */
        RIGHT_ZERO,
        /** Uniform within one by the root of its columns. */
        UNIFORM
    }

    /** A factor that is trained itself. */
    static KroneckerFactor whole(String name, NewWeights first, long m, long n, Start start) {
        return new KroneckerFactor(
                List.of(start == Start.UNIFORM ? first.uniform(name, n, m, n) : first.zeros(name, m, n)));
    }

    /** A factor that is a product of two of low rank. */
    static KroneckerFactor product(String name, NewWeights first, long m, long n, int rank, Start start) {
        String left = name + "_a";
        String right = name + "_b";
        return new KroneckerFactor(List.of(
                start == Start.LEFT_ZERO ? first.zeros(left, m, rank) : first.uniform(left, rank, m, rank),
                start == Start.RIGHT_ZERO ? first.zeros(right, rank, n) : first.uniform(right, n, rank, n)));
    }

    boolean isTrainable() {
        return weights.stream().anyMatch(Weight::trainable);
    }

    /** The matrix times s in a format; the caller closes it. */
    NDArray value(Kernels k, double s, Precision precision) {
        NDArray matrix = weights.size() == 1
                ? k.alias(weights.get(0).array())
                : k.matmul(weights.get(0).array(), weights.get(1).array());
        try (matrix;
                NDArray scaled = s == 1 ? k.alias(matrix) : k.scale(matrix, s)) {
            return precision == Precision.FLOAT32 ? k.alias(scaled) : k.cast(scaled, precision);
        }
    }

    private record Key(Weight first, double s, Precision precision) {}

    /** {@link #value} for a pass, which owns it. */
    NDArray shared(Forward context, double s, Precision precision) {
        return context.shared(new Key(weights.get(0), s, precision), () -> value(context.kernels(), s, precision));
    }

    /** Adds a gradient of the matrix, float32, which is taken over. */
    void accumulate(Kernels k, NDArray gradient) {
        if (weights.size() == 1) {
            LycorisLinear.give(weights.get(0), gradient);
            return;
        }
        try (gradient) {
            NDArray[] gradients = LycorisKernels.of(k)
                    .productGradient(
                            gradient, weights.get(0).array(), weights.get(1).array());
            LycorisLinear.give(weights.get(0), gradients[0]);
            LycorisLinear.give(weights.get(1), gradients[1]);
        }
    }
}
