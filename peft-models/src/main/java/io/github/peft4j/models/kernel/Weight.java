package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.PackedValues;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A named array of a model: frozen, or trainable with a gradient that accumulates over micro-batches.
 *
 * <p>The array belongs to the scope it was made in; the gradient to the scope given at {@link #accumulate}'s first call. Torch's own
 * {@code requires_grad} stays off. Any number of threads may read a weight at once; whoever changes it has a {@link
 * io.github.peft4j.models.internal.lease.Leases#change} of its scope's.
 */
public final class Weight {

    private record Held(NDArray array, boolean readOnly) {}

    private final String name;
    private @Nullable NDArray array;
    private final @Nullable PackedValues packed;
    private final Precision computed;
    private Precision precision;
    private boolean readOnly;
    private boolean blank;
    private boolean trainable;
    private boolean transposed;
    private @Nullable NDArray gradient;
    private final Scope scope;
    private final Deque<Held> held = new ArrayDeque<>();

    /**
     * A frozen weight.
     *
     * @param scope the owner of the array, and of the gradient if there ever is one
     * @param readOnly whether the array lies in a read-only file mapping, so that it must be copied before it is changed
     */
    public Weight(String name, NDArray array, Precision precision, Scope scope, boolean readOnly) {
        this(name, array, null, precision, scope);
        this.readOnly = readOnly;
    }

    private Weight(
            String name, @Nullable NDArray array, @Nullable PackedValues packed, Precision precision, Scope scope) {
        this.name = name;
        this.array = array;
        this.packed = packed;
        this.precision = precision;
        this.computed = precision;
        this.scope = scope;
    }

    /**
     * A frozen weight whose values are packed, and unpacked each time they are used. It stays frozen.
     *
     * @param computed the format that it takes part in computations in
     * @param scope the owner of the packed values, and of what is computed of them
     */
    public static Weight packed(String name, PackedValues values, Precision computed, Scope scope) {
        return new Weight(name, null, values, computed, scope);
    }

    /**
     * A frozen weight of zeros that takes no memory, whatever its shape, until it gets values or is trained: for what a file is to fill,
     * whose shapes are compared first.
     *
     * @throws IllegalArgumentException if there are more values than can be counted
     */
    public static Weight blank(String name, Precision precision, Scope scope, long... shape) {
        Weight weight = new Weight(name, blankArray(precision, scope, shape), precision, scope, true);
        weight.blank = true;
        return weight;
    }

    private static NDArray blankArray(Precision precision, Scope scope, long... shape) {
        long size = precision.bytes();
        for (long dimension : shape) {
            if (Math.multiplyHigh(size, dimension) != 0 || size * dimension < 0) {
                throw new IllegalArgumentException("a weight of shape " + Arrays.toString(shape) + " is too large");
            }
            size *= dimension;
        }
        try (NDArray here = scope.zeros(precision, 1)) {
            return scope.kernels().expandedZero(here, shape, precision);
        }
    }

    /** The last segment of its path, for example {@code weight}. */
    public String name() {
        return name;
    }

    /**
     * The values; still owned by the weight.
     *
     * @throws IllegalStateException if they are packed, and {@link #in} unpacks them; or if they are freed
     */
    public NDArray array() {
        if (array == null) {
            throw new IllegalStateException(
                    "weight " + name + " " + Objects.requireNonNull(packed).cause()
                            + ": it has no values to be used, or changed, where they lie");
        }
        if (array.isReleased()) {
            throw new IllegalStateException("weight " + name
                    + " is freed: its model is closed, or the adapter that it belongs to was taken out of the model");
        }
        return array;
    }

    /** The packed values, or null if they are not packed. */
    public @Nullable PackedValues packed() {
        return array == null ? packed : null;
    }

    /** The format of the values: float32 while trainable. */
    public Precision precision() {
        return precision;
    }

    /** The format that the weight was made in, which it takes part in computations in. */
    public Precision computePrecision() {
        return computed;
    }

    /** A handle on the values in the format of computations, converted if they are kept in another; the caller closes it. */
    public NDArray forCompute(Kernels kernels) {
        return in(computed, kernels);
    }

    /** A handle on the values in a given format; the caller closes it. */
    public NDArray in(Precision wanted, Kernels kernels) {
        if (array == null) {
            return Objects.requireNonNull(packed).unpack(kernels, wanted);
        }
        return precision == wanted ? kernels.alias(array()) : kernels.cast(array(), wanted);
    }

    /** A copy of the values in a given format; the caller closes it. */
    public NDArray copyIn(Precision wanted, Kernels kernels) {
        return array == null ? in(wanted, kernels) : kernels.cast(array, wanted);
    }

    /** The shape of the values. */
    public Shape shape() {
        return array == null ? Objects.requireNonNull(packed).shape() : array.getShape();
    }

    /** Number of elements. */
    public long size() {
        return shape().size();
    }

    /** The owner of the array. */
    public Scope scope() {
        return scope;
    }

    /** Whether backward passes compute a gradient for it. */
    public boolean trainable() {
        return trainable;
    }

    /**
     * Makes it trainable, with float32 values of its own, since updates are lost to rounding in less; or freezes it as it is and drops its gradient.
     *
     * @throws UnsupportedOperationException if it is to be trained and its values are packed
     */
    public void setTrainable(boolean trainable) {
        if (trainable) {
            if (array == null) {
                throw new UnsupportedOperationException(
                        "weight " + name + " " + Objects.requireNonNull(packed).cause()
                                + " and cannot be trained: load the model without quantization, or train an adapter");
            }
            makeWritable();
            if (precision != Precision.FLOAT32) {
                replace(scope.kernels().cast(array(), Precision.FLOAT32));
                precision = Precision.FLOAT32;
            }
        } else {
            clearGradient();
        }
        this.trainable = trainable;
    }

    /** Keeps the values of a frozen weight in float32 from now on, whatever format it takes part in computations in. */
    public void keepInFloat32() {
        if (precision != Precision.FLOAT32) {
            boolean stillBlank = blank;
            replace(
                    stillBlank
                            ? blankArray(Precision.FLOAT32, scope, shape().getShape())
                            : scope.kernels().cast(array(), Precision.FLOAT32));
            precision = Precision.FLOAT32;
            blank = stillBlank;
            readOnly = stillBlank;
        }
    }

    /** Freezes it and frees its values, which nobody uses any more; a second call does nothing. */
    public void free() {
        setTrainable(false);
        if (array != null) {
            array.close();
        }
        if (packed != null) {
            packed.free();
        }
    }

    /** Gives the weight memory of its own if it lies in a read-only mapping. */
    public void makeWritable() {
        if (readOnly) {
            replace(scope.kernels().copy(array()));
        }
    }

    /**
     * Puts other values of the same shape and present format in the old ones' place and closes those.
     *
     * @throws IllegalArgumentException if they are of another shape
     */
    public void replace(NDArray values) {
        if (!values.getShape().equals(shape())) {
            throw new IllegalArgumentException(
                    "weight " + name + " has shape " + shape() + ", got values of shape " + values.getShape());
        }
        NDArray old = array();
        array = scope.adopt(values);
        old.close();
        readOnly = false;
        blank = false;
    }

    /**
     * Puts other values of the same shape and present format in the old ones' place for a while. May be nested.
     *
     * @return the old ones, for {@link #restore}; still owned by the weight's scope
     */
    public NDArray swap(NDArray values) {
        NDArray old = array();
        held.push(new Held(old, readOnly));
        array = scope.adopt(values);
        readOnly = false;
        return old;
    }

    /**
     * Puts back what {@link #swap} returned and closes what stood in its place.
     *
     * @throws IllegalStateException if other values were swapped in after those and not taken out yet
     */
    public void restore(NDArray old) {
        if (!canRestore(old)) {
            throw new IllegalStateException(
                    "weight " + name + " cannot go back to these values: undo later changes first");
        }
        array().close();
        array = old;
        readOnly = held.pop().readOnly;
    }

    /** Whether these values are what the last {@link #swap} in force replaced. */
    public boolean canRestore(NDArray old) {
        Held last = held.peek();
        return last != null && last.array == old;
    }

    /** The values before the first {@link #swap} that is still in force; the present ones if there is none. */
    public NDArray original() {
        return held.isEmpty() ? array() : held.getLast().array;
    }

    /** Copies values into the weight's own memory. */
    public void assign(NDArray values) {
        makeWritable();
        scope.kernels().assign(array(), values).close();
    }

    /**
     * Lets this weight be another's transposed from now on, over the same memory: whatever is written into the one in place is written into
     * the other. Each keeps its own gradient. Good as long as neither gets values by {@link #replace} or {@link #swap}.
     *
     * @param other a writable matrix in the same format
     * @throws IllegalArgumentException if it is not of this weight's shape, transposed
     */
    public void shareTransposed(Weight other) {
        replace(scope.kernels().transpose(other.array()));
        transposed = true;
    }

    /** Whether its values lie in the memory of another weight, see {@link #shareTransposed}: the two must not be written at a time. */
    public boolean isShared() {
        return transposed;
    }

    /** The sum of gradients since the last {@link #clearGradient}, float32, or null if there was none. */
    public @Nullable NDArray gradient() {
        return gradient;
    }

    /**
     * Adds a float32 gradient that nobody else reads, to {@link OwnGradients} of this thread if it keeps any; its handle and memory are taken over.
     *
     * @throws IllegalArgumentException if it is not of the weight's shape; its handle stays the caller's
     */
    public void accumulate(NDArray addend) {
        if (!addend.getShape().equals(shape())) {
            throw new IllegalArgumentException(
                    "weight " + name + " has shape " + shape() + ", got a gradient of shape " + addend.getShape());
        }
        OwnGradients apart = OwnGradients.here();
        if (apart != null) {
            apart.add(this, addend);
        } else if (gradient == null) {
            gradient = scope.adopt(transposed ? laidOutAsValues(addend) : addend);
        } else {
            scope.kernels().addInto(gradient, addend);
            addend.close();
        }
    }

    /** Float32 zeros of its shape, in the order in memory that its values have: an optimiser goes through both alike. */
    public NDArray zeros(Scope owner) {
        NDArray zeros = owner.zeros(Precision.FLOAT32, shape().getShape());
        return transposed ? owner.adopt(laidOutAsValues(zeros)) : zeros;
    }

    private NDArray laidOutAsValues(NDArray addend) {
        Kernels k = scope.kernels();
        try (addend;
                NDArray turned = k.transpose(addend);
                NDArray contiguous = k.contiguous(turned)) {
            return k.transpose(contiguous);
        }
    }

    /** Forgets the gradient and frees it. */
    public void clearGradient() {
        if (gradient != null) {
            gradient.close();
            gradient = null;
        }
    }
}
