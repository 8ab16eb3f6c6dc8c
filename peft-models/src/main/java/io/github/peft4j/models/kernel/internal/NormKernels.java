package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import org.jspecify.annotations.Nullable;

/** Normalisation of the last dimension, x [N, D] and w, b [D], forward and backward; under the rules of {@link Kernels}. */
public final class NormKernels {

    private final ScopedKernels kernels;

    private NormKernels(Scope scope) {
        this.kernels = new ScopedKernels(scope, scope.library());
    }

    /** Operations with results owned by a scope. */
    public static NormKernels of(Scope scope) {
        return new NormKernels(scope);
    }

    /** w x / sqrt(mean(x^2) + eps). */
    public NDArray rmsNorm(NDArray x, NDArray w, double eps) {
        return kernels.array("rms_norm", x, w, eps);
    }

    /** The same for w in float32, rounded once, at its end. */
    public NDArray rmsNormExact(NDArray x, NDArray w, double eps) {
        return kernels.array("rms_norm_exact", x, w, eps);
    }

    /** Gradient of {@link #rmsNorm}'s input, and of {@link #rmsNormExact}'s. */
    public NDArray rmsNormGradient(NDArray g, NDArray x, NDArray w, double eps) {
        return kernels.array("rms_norm_gradient", g, x, w, eps);
    }

    /** Gradient of {@link #rmsNorm}'s weight, float32. */
    public NDArray rmsNormWeightGradient(NDArray g, NDArray x, double eps) {
        return kernels.array("rms_norm_weight_gradient", g, x, eps);
    }

    /** w (x - mean(x)) / sqrt(var(x) + eps) + b, without w and b where they are null. */
    public NDArray layerNorm(NDArray x, @Nullable NDArray w, @Nullable NDArray b, double eps) {
        return kernels.array("layer_norm", x, w, b, eps);
    }

    /** Gradient of {@link #layerNorm}'s input. */
    public NDArray layerNormGradient(NDArray g, NDArray x, @Nullable NDArray w, double eps) {
        ShapeCheck.same("layerNormGradient", g, x);
        return kernels.array("layer_norm_gradient", g, x, w, eps);
    }

    /** Gradient of {@link #layerNorm}'s weight, float32. */
    public NDArray layerNormWeightGradient(NDArray g, NDArray x, double eps) {
        ShapeCheck.same("layerNormWeightGradient", g, x);
        return kernels.array("layer_norm_weight_gradient", g, x, eps);
    }
}
