package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import java.util.List;
import java.util.Objects;

/**
 * The numeric operations of an optimiser over lists of arrays: their norm, clipping by it, and AdamW's step, each in one call however
 * many arrays there are. All arrays are float32.
 */
public final class OptimizerKernels {

    private final Scope scope;

    private OptimizerKernels(Scope scope) {
        this.scope = scope;
    }

    /** Operations on arrays of a scope's device. */
    public static OptimizerKernels of(Scope scope) {
        return new OptimizerKernels(scope);
    }

    /** The L2 norm over all arrays, 0 if there are none. */
    public double globalNorm(List<NDArray> arrays) {
        return arrays.isEmpty()
                ? 0
                : (Double) Objects.requireNonNull(scope.library().call(scope, "global_norm", arrays));
    }

    /**
     * Scales all arrays in place by limit / (norm + 1e-6), where that is below 1, as {@code torch.nn.utils.clip_grad_norm_} does. A norm
     * that is not a number changes nothing, where torch makes every value not a number.
     *
     * @param norm their global norm
     */
    public void clipInto(List<NDArray> arrays, double norm, double limit) {
        if (!arrays.isEmpty()) {
            scope.library().call(scope, "clip_", arrays, norm, limit);
        }
    }

    /**
     * One step of torch's AdamW in place: \(w \leftarrow (1 - \eta\lambda) w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)\).
     *
     * @param weights w
     * @param gradients of each weight
     * @param firstMoments m of each weight, zeros before the first step
     * @param secondMoments v of each weight, zeros before the first step
     * @param steps one number per weight, the steps taken so far; counted up
     * @param learningRate \(\eta\)
     * @param beta1 decay of m
     * @param beta2 decay of v
     * @param weightDecay \(\lambda\), decoupled
     * @param epsilon added to the root
     * @throws IllegalArgumentException if the lists differ in length, or gradients or moments in shape from their weights
     * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2019</a>
     */
    public void adamW(
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> firstMoments,
            List<NDArray> secondMoments,
            List<NDArray> steps,
            double learningRate,
            double beta1,
            double beta2,
            double weightDecay,
            double epsilon) {
        ShapeCheck.sameShapes("adamW", weights, gradients);
        ShapeCheck.sameShapes("adamW", weights, firstMoments);
        ShapeCheck.sameShapes("adamW", weights, secondMoments);
        ShapeCheck.sameCount("adamW", weights, steps);
        if (weights.isEmpty()) {
            return;
        }
        scope.library()
                .call(
                        scope,
                        "adamw_",
                        weights,
                        gradients,
                        firstMoments,
                        secondMoments,
                        steps,
                        learningRate,
                        beta1,
                        beta2,
                        weightDecay,
                        epsilon);
    }
}
