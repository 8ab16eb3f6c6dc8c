package io.github.peft4j.training.estimate;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.training.estimate.internal.MemoryCount;
import org.jspecify.annotations.Nullable;

/**
 * Memory that a training run needs, by part, in bytes: what the tape keeps for the backward pass of each block is counted from the model's
 * sizes, and the rest is measured.
 *
 * @param weights the model's own
 * @param adapter what the adapter adds
 * @param optimizer gradients and both moments of what is trained, float32
 * @param activations what the backward pass needs, and the largest of the passing results
 * @param runtime Java, the engine and its libraries
 */
public record MemoryEstimate(long weights, long adapter, long optimizer, long activations, long runtime) {

    /** Java's heap and code, libtorch, its kernels and threads: measured. */
    public static final long RUNTIME = 218L << 20;

    /**
     * What goes through the model at once.
     *
     * @param rows of a micro-batch
     * @param length tokens of each
     * @param recompute whether blocks are computed again in the backward pass
     * @param quantization how linear layers are packed, or null for not at all
     * @param precision the format of computations and of frozen weights, or null for the model's
     */
    public record Run(
            int rows,
            int length,
            boolean recompute,
            @Nullable Quantization quantization,
            @Nullable Precision precision) {

        /** A run in the model's format. */
        public Run(int rows, int length, boolean recompute, @Nullable Quantization quantization) {
            this(rows, length, recompute, quantization, null);
        }

        /** The same with other rows. */
        public Run of(int otherRows, int otherLength) {
            return new Run(otherRows, otherLength, recompute, quantization, precision);
        }
    }

    /**
     * Estimates a run.
     *
     * @param peft the model's adapter, or null if weights of the model's own are trained: those that are trainable, or all if none is so yet
     */
    public static MemoryEstimate of(Model<?> model, @Nullable PeftModel<?> peft, Run run) {
        return MemoryCount.of(model, peft).estimate(run);
    }

    /** All parts. */
    public long total() {
        return weights + adapter + optimizer + activations + runtime;
    }
}
