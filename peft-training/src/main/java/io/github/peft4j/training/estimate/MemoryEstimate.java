package io.github.peft4j.training.estimate;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
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
    public static final long RUNTIME = 205L << 20;

    static final int FLOAT32 = 4;

    /** A gradient and two moments. */
    private static final int PER_TRAINED = 3 * FLOAT32;

    /**
     * What goes through the model at once.
     *
     * @param rows of a micro-batch
     * @param length tokens of each
     * @param recompute whether blocks are computed again in the backward pass
     * @param quantization how linear layers are packed, or null for not at all
     */
    public record Run(
            int rows,
            int length,
            boolean recompute,
            @Nullable Quantization quantization) {}

    /**
     * Estimates a run.
     *
     * @param peft the model's adapter, or null if all of the model is trained
     */
    public static MemoryEstimate of(Model<?> model, @Nullable PeftModel<?> peft, Run run) {
        Set<Weight> added = Collections.newSetFromMap(new IdentityHashMap<>());
        if (peft != null) {
            added.addAll(peft.adapter().parameters().values());
            added.addAll(peft.adapter().trainable().values());
        }
        Set<Weight> own = Collections.newSetFromMap(new IdentityHashMap<>());
        own.addAll(model.weightsByPath().values());
        own.removeAll(added);
        long trained = peft == null ? size(own) : size(added);
        int width = model.precision().bytes();
        long weights = peft == null ? FLOAT32 * size(own) : width * size(own);
        if (run.quantization != null && peft != null) {
            long linear = size(model.anatomy().linears().stream()
                    .map(layer -> ((Linear) Wrapper.innermost(model.at(layer.path()))).weight())
                    .toList());
            weights -= (long) (linear * (width - run.quantization.bytesPerValue()));
        }
        return new MemoryEstimate(
                weights,
                FLOAT32 * size(added),
                PER_TRAINED * trained,
                new PassingMemory(model, peft == null, run).bytes(),
                RUNTIME);
    }

    private static long size(Collection<Weight> weights) {
        return weights.stream().mapToLong(Weight::size).sum();
    }

    /** All parts. */
    public long total() {
        return weights + adapter + optimizer + activations + runtime;
    }
}
