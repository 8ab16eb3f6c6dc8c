package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.DirectCalls;
import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.kernel.internal.DirectKernels;
import io.github.peft4j.models.kernel.internal.GuardedArray;
import io.github.peft4j.models.kernel.internal.KernelLibrary;
import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An owner of native arrays: what is made in a scope is freed with it, unless it was closed or adopted by another scope before.
 *
 * <p>A model has a scope for its weights; each micro-batch runs in a child scope of its own. Results of {@link #kernels()} belong to
 * this scope, whatever scope the operands belong to. Not safe for concurrent use; scopes of different threads do not disturb each
 * other. Closing a scope while another thread computes with its arrays may end the process: a model's is closed by the model alone, which
 * goes by {@link #leases}.
 */
public final class Scope implements AutoCloseable {

    private final PtNDManager manager;
    private final LongFunction<NDArray> arrays;
    private final KernelLibrary library;
    private final Kernels kernels;
    private final Leases leases;

    private Scope(PtNDManager manager, KernelLibrary library, Leases leases) {
        this.manager = manager;
        this.arrays = tensor -> new GuardedArray(manager, tensor);
        this.library = library;
        this.kernels = new Kernels(this, library);
        this.leases = leases;
    }

    /**
     * A scope of its own on a device.
     *
     * @throws IllegalStateException if the engine cannot be loaded, or cannot compute on that device
     */
    public static Scope open(Device device) {
        return open(device, KernelLibrary.forDevice(device));
    }

    /** A scope of its own that computes with certain kernels. */
    static Scope open(Device device, KernelLibrary library) {
        return new Scope(TorchEngine.load().manager(device), library, new Leases("model"));
    }

    /**
     * A scope that is freed with this one at the latest.
     *
     * @throws IllegalStateException if this one is closed
     */
    public Scope child() {
        return new Scope((PtNDManager) manager.newSubManager(), library, leases);
    }

    /** Who may compute with the arrays of this scope, its children and its ancestors, and who may change them: a model's passes and its changes. */
    public Leases leases() {
        return leases;
    }

    /** The numeric operations, with results owned by this scope. */
    public Kernels kernels() {
        return kernels;
    }

    /** The device on which this scope's arrays live. */
    public Device device() {
        return manager.getDevice();
    }

    /** The kernels, as the engine has them compiled. */
    public KernelLibrary library() {
        return library;
    }

    /** Makes an array, owned by this scope, of a tensor's handle. */
    public LongFunction<NDArray> arrays() {
        return arrays;
    }

    /**
     * To be called before anything is computed that this scope is to own.
     *
     * @throws IllegalStateException if the scope is closed
     */
    public void requireOpen(String operation) {
        if (!manager.isOpen()) {
            throw new IllegalStateException(
                    "the scope that is to own the result of " + operation + " is closed already");
        }
    }

    /**
     * Takes over an array from its present owner.
     *
     * @throws IllegalStateException if this scope is closed
     */
    public NDArray adopt(NDArray array) {
        requireOpen("adopt");
        if (array.getManager() != manager) {
            array.attach(manager);
        }
        return array;
    }

    /**
     * A second handle on the same memory, owned by this scope; the memory is freed when its last handle is.
     *
     * @throws IllegalStateException if this scope or the array is closed
     */
    public NDArray alias(NDArray array) {
        requireOpen("alias");
        return arrays.apply(DirectCalls.detach(DirectKernels.engineArray(array)));
    }

    /**
     * A float32 array.
     *
     * @throws IllegalArgumentException if the shape does not hold that many values
     */
    public NDArray floats(float[] values, long... shape) {
        return inEngineMemory(manager.create(values, new Shape(shape)));
    }

    /** An int64 array of one dimension. */
    public NDArray longs(long... values) {
        return inEngineMemory(manager.create(values));
    }

    /** An int64 array of one dimension. */
    public NDArray longs(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return longs(wide);
    }

    /**
     * The engine lays a new array over a buffer of Java's, which only the array's first handle keeps alive: an alias that outlives it, such
     * as a tape's, would read memory that is something else by then.
     */
    private NDArray inEngineMemory(NDArray overJavaMemory) {
        try (overJavaMemory) {
            return made("copy", overJavaMemory);
        }
    }

    private NDArray made(String kernel, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(this, kernel, arguments));
    }

    /** Zeros. */
    public NDArray zeros(Precision precision, long... shape) {
        try (NDArray here = manager.create(0f)) {
            return made("zeros", here, shape, precision.code());
        }
    }

    /**
     * An array over bytes where they lie, without a copy on the CPU (a GPU copies them). The bytes stay reachable as long as the array
     * is open; the caller keeps them so while aliases and views of it live, and never changes the array in place if they are a
     * read-only mapping.
     *
     * @param bytes a direct little-endian buffer that holds exactly the array between its position and its limit
     * @throws IllegalArgumentException if a dimension is negative, the size differs from the shape's, or the buffer is not direct
     */
    public NDArray mapped(ByteBuffer bytes, Precision precision, long... dimensions) {
        BigInteger needed = BigInteger.valueOf(precision.bytes());
        for (long dimension : dimensions) {
            if (dimension < 0) {
                throw new IllegalArgumentException("dimensions must be at least 0, got " + Arrays.toString(dimensions));
            }
            needed = needed.multiply(BigInteger.valueOf(dimension));
        }
        if (!bytes.isDirect() || !needed.equals(BigInteger.valueOf(bytes.remaining()))) {
            throw new IllegalArgumentException("an array " + Arrays.toString(dimensions) + " of " + precision.text()
                    + " needs a direct buffer of " + needed + " bytes, got "
                    + (bytes.isDirect() ? "" : "a heap buffer of ") + bytes.remaining());
        }
        Shape shape = new Shape(dimensions);
        ByteBuffer window = bytes.slice().order(ByteOrder.nativeOrder());
        DataType type = precision == Precision.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16;
        NDArray array = manager.create(window, shape, type);
        if (precision != Precision.BFLOAT16) {
            return array;
        }
        // The engine cannot name bfloat16: a kernel makes a handle of that type on the same memory.
        try (array) {
            GuardedArray twin = (GuardedArray) made("as_bf16", array);
            twin.keepReachable(window);
            return twin;
        }
    }

    /** Arrays of this scope and its children that are still open. */
    public int liveArrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
    }
}
