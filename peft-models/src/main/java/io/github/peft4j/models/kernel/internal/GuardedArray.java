package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An array with {@link EngineGuard} in front of those of DJL's methods that hand the engine a number format: on a bfloat16 array each of
 * them would end the process. All arrays that {@link Kernels}, {@link KernelLibrary} and {@link Scope#alias} return are of this kind;
 * what DJL's own operators make of them is not.
 */
public final class GuardedArray extends PtNDArray {

    /** What must stay reachable as long as this array is: the bytes that it lies over. */
    @SuppressWarnings("unused")
    private @Nullable ByteBuffer bytes;

    /** An array of a tensor's handle, owned by a manager. */
    public GuardedArray(PtNDManager owner, long handle) {
        super(owner, handle);
    }

    /** Keeps the bytes that the tensor lies over reachable as long as this handle is open. */
    public void keepReachable(ByteBuffer memory) {
        bytes = memory;
    }

    @Override
    public PtNDArray toDevice(Device device, boolean copy) {
        if (copy || !device.equals(getDevice())) {
            EngineGuard.require(this, "toDevice");
        }
        return super.toDevice(device, copy);
    }

    @Override
    public PtNDArray toType(DataType dataType, boolean copy) {
        if (copy || dataType != getDataType()) {
            EngineGuard.require(dataType, "toType");
        }
        return super.toType(dataType, copy);
    }

    @Override
    public PtNDArray softmax(int axis) {
        EngineGuard.require(this, "softmax");
        return super.softmax(axis);
    }

    @Override
    public PtNDArray logSoftmax(int axis) {
        EngineGuard.require(this, "logSoftmax");
        return super.logSoftmax(axis);
    }

    @Override
    public NDArray cumProd(int axis, @Nullable DataType dataType) {
        if (dataType != null) {
            EngineGuard.require(dataType, "cumProd");
        }
        return super.cumProd(axis, dataType);
    }

    @Override
    public NDArray zerosLike() {
        EngineGuard.require(this, "zerosLike");
        return super.zerosLike();
    }

    @Override
    public NDArray onesLike() {
        EngineGuard.require(this, "onesLike");
        return super.onesLike();
    }

    @Override
    public void close() {
        super.close();
        bytes = null;
    }

    /** Shows values of bfloat16 too, which DJL cannot. */
    @Override
    public String toString() {
        if (isReleased() || getDataType() != DataType.UNKNOWN) {
            return super.toString();
        }
        try (PtNDArray floats = toType(DataType.FLOAT32, true)) {
            return "bfloat16, as " + floats;
        }
    }
}
