package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An owner of native arrays: what is made in a scope is freed with it, unless it was closed or adopted by another scope before.
 *
 * <p>A model has a scope for its weights; each micro-batch runs in a child scope of its own. Results of {@link #kernels()} belong to
 * this scope, whatever scope the operands belong to. Not safe for concurrent use; scopes of different threads do not disturb each
 * other.
 */
public final class Scope implements AutoCloseable {

    private final PtNDManager manager;
    private final Kernels kernels;

    private Scope(PtNDManager manager) {
        this.manager = manager;
        this.kernels = new Kernels(this, KernelLibrary.forDevice(manager.getDevice()));
    }

    /** A scope of its own on a device. */
    public static Scope open(Device device) {
        return new Scope((PtNDManager) Engine.getEngine("PyTorch").newBaseManager(device));
    }

    /** A scope that is freed with this one at the latest. */
    public Scope child() {
        return new Scope((PtNDManager) manager.newSubManager());
    }

    /** The numeric operations, with results owned by this scope. */
    public Kernels kernels() {
        return kernels;
    }

    /** The device on which this scope's arrays live. */
    public Device device() {
        return manager.getDevice();
    }

    PtNDManager manager() {
        return manager;
    }

    /** Takes over an array from its present owner. */
    public NDArray adopt(NDArray array) {
        array.attach(manager);
        return array;
    }

    /** A second handle on the same memory, owned by this scope; the memory is freed when its last handle is. */
    public NDArray alias(NDArray array) {
        NDArray handle = array.stopGradient();
        handle.attach(manager);
        return handle;
    }

    /**
     * A copy in memory of the engine's own. On a CPU the engine only wraps the buffer that Java put the values into, and the first
     * handle alone keeps that buffer: a second handle or a view would outlive its memory.
     */
    private NDArray owned(NDArray wrapped) {
        try (wrapped) {
            return kernels.copy(wrapped);
        }
    }

    /** A float32 array. */
    public NDArray floats(float[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /** An int64 array of one dimension. */
    public NDArray longs(long... values) {
        return owned(manager.create(values));
    }

    /** An int64 array of one dimension. */
    public NDArray longs(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return owned(manager.create(wide));
    }

    /** Zeros. */
    public NDArray zeros(Precision precision, long... shape) {
        try (NDArray here = manager.create(0f)) {
            return kernels.zeros(here, shape, precision);
        }
    }

    /**
     * An array over bytes where they lie, without a copy on the CPU (a GPU copies them). The caller keeps {@code bytes} reachable while
     * the array lives, and never changes the array in place if the bytes are a read-only mapping.
     *
     * @param bytes a direct little-endian buffer of exactly the array's size
     * @throws IllegalArgumentException if the size differs from the shape's, or the buffer is not direct
     */
    public NDArray mapped(ByteBuffer bytes, Precision precision, long... dimensions) {
        Shape shape = new Shape(dimensions);
        if (!bytes.isDirect() || bytes.remaining() != Math.multiplyExact(shape.size(), (long) precision.bytes())) {
            throw new IllegalArgumentException("an array " + shape + " of " + precision.text()
                    + " needs a direct buffer of "
                    + shape.size() * precision.bytes() + " bytes, got " + (bytes.isDirect() ? "" : "a heap buffer of ")
                    + bytes.remaining());
        }
        ByteBuffer window = bytes.slice().order(ByteOrder.nativeOrder());
        DataType type = precision == Precision.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16;
        NDArray array = manager.create(window, shape, type);
        if (precision != Precision.BFLOAT16) {
            return array;
        }
        // The engine cannot name bfloat16: an empty twin of that type is made by a kernel and pointed at the same
        // bytes.
        try (array) {
            PtNDArray twin = (PtNDArray) kernels.emptyBfloat16Like(array);
            if (device().isGpu()) {
                return kernels.assign(twin, kernels.viewAsBfloat16(array));
            }
            JniUtils.set(twin, window.duplicate().order(ByteOrder.nativeOrder()));
            return twin;
        }
    }

    /** Arrays of this scope, not of its children, that are still open. */
    public int liveArrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
    }
}
