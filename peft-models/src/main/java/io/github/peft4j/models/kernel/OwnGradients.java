package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gradients that a thread keeps apart, so that several threads can walk back through one model at a time: what {@link Weight#accumulate}
 * is given on that thread goes here and not to the weight, until {@link #addToWeights}. Adding up those of several threads in a fixed order
 * gives equal bits, however the threads were scheduled.
 *
 * <p>Owns its native memory: at most float32 values of all trainable weights. Used by one thread at a time.
 */
public final class OwnGradients implements AutoCloseable {

    private static final ThreadLocal<@Nullable OwnGradients> HERE = new ThreadLocal<>();

    private final Scope scope;
    private final Map<Weight, NDArray> sums = new LinkedHashMap<>();

    /**
     * None yet.
     *
     * @param owner an ancestor of the scope that they lie in
     */
    public OwnGradients(Scope owner) {
        this.scope = owner.child();
    }

    /** Those that this thread keeps apart now, or null. */
    static @Nullable OwnGradients here() {
        return HERE.get();
    }

    /**
     * Does something on this thread, and keeps apart the gradients that come of it.
     *
     * @throws IllegalStateException if this thread does so already
     */
    public <T> T during(Supplier<T> work) {
        if (HERE.get() != null) {
            throw new IllegalStateException("this thread keeps gradients apart already");
        }
        HERE.set(this);
        try {
            return work.get();
        } finally {
            HERE.remove();
        }
    }

    /** Adds a gradient of the weight's shape and takes over its handle. */
    void add(Weight weight, NDArray addend) {
        NDArray sum = sums.get(weight);
        if (sum == null) {
            sums.put(weight, scope.adopt(addend));
        } else {
            scope.kernels().addInto(sum, addend);
            addend.close();
        }
    }

    /** Adds what there is to the weights' gradients, and forgets it. To be called outside of {@link #during}. */
    public void addToWeights() {
        sums.forEach(Weight::accumulate);
        sums.clear();
    }

    @Override
    public void close() {
        scope.close();
    }
}
