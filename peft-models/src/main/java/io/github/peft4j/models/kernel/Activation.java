package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value that flows forward through the modules, with a slot for the gradient that flows back.
 *
 * <p>Whoever receives an activation from a module closes it once nothing reads it any more; what a backward pass needs of it lives on
 * through handles of the tape's own. The gradient slot stays usable after {@link #close}.
 */
public final class Activation implements AutoCloseable {

    private final NDArray array;
    private final boolean needsGradient;
    private @Nullable NDArray gradient;
    private boolean gradientShared;

    private Activation(NDArray array, boolean needsGradient) {
        this.array = array;
        this.needsGradient = needsGradient;
    }

    /** A value through which no gradient flows. */
    public static Activation constant(NDArray array) {
        return new Activation(array, false);
    }

    /** A value whose gradient is wanted. */
    public static Activation variable(NDArray array) {
        return new Activation(array, true);
    }

    /** The values. */
    public NDArray array() {
        return array;
    }

    /** Whether a backward pass must compute this value's gradient. */
    public boolean needsGradient() {
        return needsGradient;
    }

    /** The gradient so far, still owned by this slot, or null. */
    public @Nullable NDArray gradient() {
        return gradient;
    }

    /** Adds a gradient that nobody else reads, and takes over its handle: the memory is changed in place when more is added. */
    public void accumulate(NDArray addend, Kernels kernels) {
        if (gradient == null) {
            gradient = addend;
            gradientShared = false;
            return;
        }
        NDArray old = gradient;
        if (gradientShared) {
            gradient = kernels.add(old, addend);
            old.close();
            gradientShared = false;
        } else {
            kernels.addInto(old, addend);
        }
        addend.close();
    }

    /** Adds a gradient that others read too: a handle of its own is taken, and the memory is never changed in place. */
    public void accumulateShared(NDArray addend, Kernels kernels) {
        if (gradient == null) {
            gradient = kernels.alias(addend);
            gradientShared = true;
        } else if (gradientShared) {
            NDArray old = gradient;
            gradient = kernels.add(old, addend);
            old.close();
            gradientShared = false;
        } else {
            kernels.addInto(gradient, addend);
        }
    }

    /**
     * Adds a gradient that is computed together with the sum so far.
     *
     * @param next given the gradient so far, or null, returns a new array that holds the sum
     */
    public void accumulate(UnaryOperator<@Nullable NDArray> next) {
        NDArray old = gradient;
        gradient = Objects.requireNonNull(next.apply(old));
        gradientShared = false;
        if (old != null) {
            old.close();
        }
    }

    /** Takes the gradient out of the slot; the caller owns the handle and does not change the memory, which others may read. */
    public @Nullable NDArray takeGradient() {
        NDArray taken = gradient;
        gradient = null;
        return taken;
    }

    /** Frees this handle on the values; the gradient slot stays. */
    @Override
    public void close() {
        array.close();
    }
}
