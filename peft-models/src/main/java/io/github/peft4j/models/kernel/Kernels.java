package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.DirectKernels;
import io.github.peft4j.models.kernel.internal.KernelLibrary;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import io.github.peft4j.models.kernel.internal.ShapeCheck;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The numeric operations of models, typed: each is a TorchScript kernel or one operator of the engine's, most come in pairs, forward and
 * {@code ...Gradient}.
 *
 * <p>Every array returned belongs to the {@link Scope} that this object was taken from; arguments are only read, except by methods
 * whose name ends in {@code Into} and by {@link #assign}. Works on float32, bfloat16 and float16 alike; sums and statistics are
 * float32. Letters: N tokens of all rows, D hidden, H heads, K key/value heads, Dh head size, V vocabulary.
 *
 * <p>Shapes and formats that do not fit each other end in the engine's {@link ai.djl.engine.EngineException}, which names them, or in an
 * {@link IllegalArgumentException} where the engine itself would not notice; a closed array or scope, or torch's gradient mode being
 * on, in an {@link IllegalStateException}.
 */
public final class Kernels {

    /** The number by which TorchScript knows int64. */
    private static final int INT64 = 4;

    private final Scope scope;
    private final KernelLibrary library;
    private final ScopedKernels scoped;
    private final DirectKernels direct;

    Kernels(Scope scope, KernelLibrary library) {
        this.scope = scope;
        this.library = library;
        this.scoped = new ScopedKernels(scope, library);
        this.direct = new DirectKernels(scope);
    }

    /** The owner of the results. */
    public Scope scope() {
        return scope;
    }

    private double number(String method, @Nullable Object... arguments) {
        return (Double) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    // ---- handles, shapes, types

    /** A second handle on the same memory. */
    public NDArray alias(NDArray x) {
        return scope.alias(x);
    }

    /**
     * The format of an array.
     *
     * @throws IllegalArgumentException if models do not compute in that format
     */
    public Precision precision(NDArray x) {
        return switch (x.getDataType()) {
            case FLOAT32 -> Precision.FLOAT32;
            case FLOAT16 -> Precision.FLOAT16;
            default -> Precision.ofCode((Long) Objects.requireNonNull(library.call(scope, "dtype_of", x)));
        };
    }

    /** A copy in another format; always a copy. */
    public NDArray cast(NDArray x, Precision precision) {
        return scoped.array("cast", x, precision.code());
    }

    /** Zeros of any size that take no memory: one value seen from every place. Frozen stand-ins only. */
    public NDArray expandedZero(NDArray like, long[] shape, Precision precision) {
        return scoped.array("expanded_zero", like, shape, precision.code());
    }

    /** An uninitialised array like {@code like} but with another number of rows. */
    public NDArray emptyRows(NDArray like, long rows) {
        return scoped.array("empty_rows", like, rows);
    }

    /** A copy. */
    public NDArray copy(NDArray x) {
        return scoped.array("copy", x);
    }

    /** Writes {@code source} over {@code target}, converting formats, and returns a handle on it. */
    public NDArray assign(NDArray target, NDArray source) {
        return scoped.array("assign", target, source);
    }

    /** The same values row by row in memory. */
    public NDArray contiguous(NDArray x) {
        return scoped.array("contiguous", x);
    }

    /** Another shape over the same values. */
    public NDArray reshape(NDArray x, long... shape) {
        return direct.reshape(x, shape);
    }

    /** The transposed view of a matrix. */
    public NDArray transpose(NDArray x) {
        return direct.transpose(x);
    }

    /**
     * The view of {@code length} entries of a dimension from {@code start} on.
     *
     * @throws IllegalArgumentException if the dimension has no such entries
     */
    public NDArray narrow(NDArray x, int dimension, long start, long length) {
        return direct.narrow(x, dimension, start, length);
    }

    /** Joins arrays along a dimension. */
    public NDArray concat(List<NDArray> parts, int dimension) {
        return scoped.array("cat", parts, dimension);
    }

    /** Writes {@code source} into {@code target} from {@code start} on along a dimension. */
    public void copyInto(NDArray target, int dimension, long start, NDArray source) {
        scoped.array("copy_into", target, dimension, start, source).close();
    }

    /** Rows by number. */
    public NDArray rows(NDArray x, NDArray index) {
        return scoped.array("index_select", x, index);
    }

    /** A copy of x with other rows, {@code values}, in the places of those at {@code index}, each of which stands there once. */
    public NDArray withRows(NDArray x, NDArray index, NDArray values) {
        return scoped.array("index_copy", x, index, values);
    }

    /** Gradient of {@link #rows}: {@code count} rows of zeros, to which {@code g}'s rows are added at {@code index}. */
    public NDArray rowsGradient(NDArray g, NDArray index, long count) {
        return scoped.array("index_add", g, index, count);
    }

    // ---- arithmetic

    /** x + y. */
    public NDArray add(NDArray x, NDArray y) {
        return direct.add(x, y);
    }

    /** x += y. */
    public void addInto(NDArray x, NDArray y) {
        direct.addInto(x, y);
    }

    /** x - y. */
    public NDArray subtract(NDArray x, NDArray y) {
        return direct.subtract(x, y);
    }

    /** x * y, element by element. */
    public NDArray multiply(NDArray x, NDArray y) {
        return direct.multiply(x, y);
    }

    /** x * factor. */
    public NDArray scale(NDArray x, double factor) {
        return scoped.array("scale", x, factor);
    }

    /** x *= factor. */
    public void scaleInto(NDArray x, double factor) {
        scoped.array("scale_", x, factor).close();
    }

    /** x + addend in float32, in memory of its own. */
    public NDArray plus(NDArray x, double addend) {
        return scoped.array("plus", x, addend);
    }

    /** The matrix product x y. */
    public NDArray matmul(NDArray x, NDArray y) {
        return direct.matmul(x, y);
    }

    /** The sum over all dimensions but the last, float32: the gradient of a bias. */
    public NDArray sumRows(NDArray g) {
        return scoped.array("sum_rows", g);
    }

    /** The largest absolute value; 0 if there are no values. */
    public double maxAbs(NDArray x) {
        return number("max_abs", x);
    }

    /** Whether no value is infinite or not a number. */
    public boolean allFinite(NDArray x) {
        return (Boolean) Objects.requireNonNull(library.call(scope, "all_finite", x));
    }

    /** Index of the largest value along the last dimension, int64. */
    public NDArray argMax(NDArray x) {
        return scoped.array("argmax", x);
    }

    /** The values as Java floats, whatever the format. */
    public float[] toFloats(NDArray x) {
        try (NDArray here = scoped.array("to_host", x, Precision.FLOAT32.code())) {
            return here.toFloatArray();
        }
    }

    /**
     * The values of an array of whole numbers.
     *
     * @throws IllegalArgumentException if it holds other values than whole numbers
     */
    public long[] toLongs(NDArray x) {
        if (!x.getDataType().isInteger()) {
            throw new IllegalArgumentException("expected an array of whole numbers, got " + x.getDataType());
        }
        return truncated(x);
    }

    /** The values without what stands behind their points, whatever the format. */
    public long[] truncated(NDArray x) {
        try (NDArray here = scoped.array("to_host", x, INT64)) {
            return here.toLongArray();
        }
    }

    // ---- linear layers

    /** y = x w^T + b: x [N, in], w [out, in], b [out] or absent. */
    public NDArray linear(NDArray x, NDArray w, @Nullable NDArray b) {
        return scoped.array("linear", x, w, b, library.products().forwardByOneDnn(x, w));
    }

    /** x w^T + other, in one pass where the engine can; other [N, out]. */
    public NDArray linearAdd(NDArray x, NDArray w, NDArray other) {
        ShapeCheck.rowsOf("linearAdd", "other", other, x, w, 0);
        return scoped.array("linear_add", x, w, other, library.products().forwardByOneDnn(x, w));
    }

    /** The input's gradient g w [N, in], plus {@code other} of that shape if present. */
    public NDArray linearGradient(NDArray g, NDArray w, @Nullable NDArray other) {
        boolean oneDnn = library.products().backwardByOneDnn(g, w);
        if (other == null) {
            return scoped.array("linear_gradient", g, w, oneDnn);
        }
        ShapeCheck.rowsOf("linearGradient", "other", other, g, w, 1);
        return scoped.array("linear_gradient_add", g, w, other, oneDnn);
    }

    /** The weight's gradient g^T x [out, in], computed in float32 whatever the formats of g and x. */
    public NDArray outer(NDArray g, NDArray x) {
        return scoped.array("outer", g, x);
    }

    // ---- embedding

    /** Rows of w [V, D] for int64 ids [N]. */
    public NDArray embedding(NDArray w, NDArray ids) {
        return scoped.array("embedding", w, ids);
    }

    /** The table's gradient [rows, D], float32. */
    public NDArray embeddingGradient(NDArray g, NDArray ids, long rows) {
        return scoped.array("embedding_gradient", g, ids, rows);
    }

    // ---- activation functions

    /** An activation function of x. */
    public NDArray activate(ActivationFunction function, NDArray x) {
        return scoped.array(function.kernel(), x);
    }

    /** Gradient of {@link #activate}'s input. */
    public NDArray activateGradient(ActivationFunction function, NDArray g, NDArray x) {
        return scoped.array(function.gradientKernel(), g, x);
    }

    /** silu(gate) * up. */
    public NDArray swiGlu(NDArray gate, NDArray up) {
        return scoped.array("swiglu", gate, up);
    }

    /** Gradients of {@link #swiGlu}'s gate and up. */
    public NDArray[] swiGluGradient(NDArray g, NDArray gate, NDArray up) {
        return scoped.arrays("swiglu_gradient", g, gate, up);
    }

    /** cap tanh(x / cap): x, bounded softly. */
    public NDArray softCap(NDArray x, double cap) {
        return scoped.array("soft_cap", x, cap);
    }

    /** Gradient of {@link #softCap}'s input. */
    public NDArray softCapGradient(NDArray g, NDArray x, double cap) {
        return scoped.array("soft_cap_gradient", g, x, cap);
    }

    // ---- loss, dropout

    /**
     * The summed cross-entropy of logits [n, V] and int64 targets [n]. The logits become their gradient, multiplied by {@code weight} and
     * in their format, where float16 loses what is below 6e-8: for a large vocabulary there is no second array of that size.
     */
    public double crossEntropyInto(NDArray logits, NDArray targets, double weight) {
        ShapeCheck.targets(logits, targets);
        return number("cross_entropy", logits, targets, weight);
    }

    /** The summed cross-entropy alone. */
    public double crossEntropyLoss(NDArray logits, NDArray targets) {
        ShapeCheck.targets(logits, targets);
        return number("cross_entropy_loss", logits, targets);
    }

    /**
     * Zeroes each value with probability {@code p} and scales the rest by 1 / (1 - p).
     *
     * <p>Which values are zeroed depends on the seed and on their place alone, on any device and in any format; not on torch's generator.
     *
     * @throws IllegalArgumentException if p is not between 0 and 1
     */
    public NDArray dropout(NDArray x, double p, long seed) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("a dropout probability lies between 0 and 1, got " + p);
        }
        if (p == 1) {
            return scoped.array("zeros_like", x);
        }
        // A place is dropped where a hash of it, as a number from -2^31 on, stays below the threshold.
        long threshold = (long) (p * 0x1p32) - (1L << 31);
        long mixed = new SplittableRandom(seed).nextLong();
        return scoped.array("dropout", x, (int) mixed, (int) (mixed >>> 32), threshold, 1 / (1 - p));
    }
}
