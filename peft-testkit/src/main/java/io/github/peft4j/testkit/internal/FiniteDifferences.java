package io.github.peft4j.testkit.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.OptimizerKernels;
import java.util.List;
import java.util.Objects;

/**
 * The check that a gradient is the slope of the loss: a small step along it and one back change the loss by its norm times the way. One
 * number per weight, so that float32's rounding matters little.
 */
public final class FiniteDifferences {

    /** The change of the loss to aim at: far above rounding, still nearly linear. */
    private static final double CHANGE = 0.02;

    /** How far a weight goes at most where nobody says otherwise. */
    public static final double LONGEST_STEP = 0.1;

    private final Model<?> model;
    private final Batch rows;
    private final double longestStep;

    /** Checks of a model on some rows, as training sees them, dropout included, with steps of at most 0.1. */
    public FiniteDifferences(Model<?> model, Batch rows) {
        this(model, rows, LONGEST_STEP);
    }

    /**
     * Checks of a model on some rows, as training sees them, dropout included.
     *
     * @param longestStep how far a weight goes at most; so far the loss must be nearly linear
     */
    public FiniteDifferences(Model<?> model, Batch rows, double longestStep) {
        this.model = model;
        this.rows = rows;
        this.longestStep = longestStep;
    }

    /**
     * Asserts that a trainable weight's gradient is the slope of the loss along itself. All gradients are cleared.
     *
     * @param what the weight is, for the message
     * @param tolerance relative distance between slope and norm
     */
    public void assertGradient(String what, Weight weight, double tolerance) {
        loss(weight);
        Kernels kernels = model.scope().kernels();
        try (NDArray gradient =
                        kernels.copy(Objects.requireNonNull(weight.gradient(), () -> "no gradient of " + what));
                NDArray before = kernels.copy(weight.array())) {
            double norm = OptimizerKernels.of(model.scope()).globalNorm(List.of(gradient));
            double step = Math.min(longestStep, CHANGE / norm);
            double up = lossAt(weight, before, gradient, step / norm);
            double down = lossAt(weight, before, gradient, -step / norm);
            weight.assign(before);
            ArrayAssertions.assertClose(
                    "slope along the gradient of " + what, (up - down) / (2 * step), norm, tolerance);
        } finally {
            clear(weight);
        }
    }

    private double lossAt(Weight weight, NDArray before, NDArray direction, double factor) {
        Kernels kernels = model.scope().kernels();
        try (NDArray way = kernels.scale(direction, factor);
                NDArray there = kernels.add(before, way)) {
            weight.assign(there);
        }
        return loss(weight);
    }

    private double loss(Weight weight) {
        clear(weight);
        return ToyTraining.gradients(model, rows, false);
    }

    /** The weight itself need not be one of the model's modules'. */
    private void clear(Weight weight) {
        weight.clearGradient();
        model.weightsByPath().values().forEach(Weight::clearGradient);
    }
}
