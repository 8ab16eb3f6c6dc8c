package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.StoredType;
import io.github.peft4j.models.checkpoint.TensorInfo;
import io.github.peft4j.models.checkpoint.TensorSource;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way of arrays between files and the engine, of any size: what exceeds a buffer goes in ranges of rows. */
public final class StoredArrays {

    /** Bytes that go at once. */
    private static final long CHUNK = 1L << 30;

    private StoredArrays() {}

    /** The number format of a stored type, or null if models do not compute in it. */
    public static @Nullable Precision precision(StoredType type) {
        return switch (type) {
            case F32 -> Precision.FLOAT32;
            case BF16 -> Precision.BFLOAT16;
            case F16 -> Precision.FLOAT16;
            default -> null;
        };
    }

    /** The stored type of a number format. */
    public static StoredType type(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> StoredType.F32;
            case BFLOAT16 -> StoredType.BF16;
            case FLOAT16 -> StoredType.F16;
        };
    }

    /**
     * A copy of a stored tensor in a number format.
     *
     * @param owner owns the copy, which does not depend on the file
     * @throws CheckpointException if there is no such tensor or it is not stored as F32, F16 or BF16
     */
    public static NDArray read(Checkpoint checkpoint, String name, Scope owner, Precision precision)
            throws CheckpointException {
        return read(checkpoint, name, owner, precision, CHUNK);
    }

    static NDArray read(Checkpoint checkpoint, String name, Scope owner, Precision precision, long chunk)
            throws CheckpointException {
        TensorInfo info = checkpoint.info(name);
        Precision stored = precision(info.type());
        if (stored == null) {
            throw new CheckpointException(name + " is stored as " + info.type() + ", expected F32, F16 or BF16 ("
                    + checkpoint.source(name) + ")");
        }
        Kernels kernels = owner.kernels();
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        if (info.byteSize() <= chunk) {
            try (NDArray mapped = owner.mapped(checkpoint.bytes(name), stored, shape)) {
                return kernels.cast(mapped, precision);
            }
        }
        NDArray whole = owner.zeros(precision, shape);
        long step = rowsPerChunk(info, chunk);
        for (long from = 0; from < shape[0]; from += step) {
            long[] part = shape.clone();
            part[0] = Math.min(step, shape[0] - from);
            try (NDArray rows = owner.mapped(checkpoint.rows(name, from, from + part[0]), stored, part)) {
                kernels.copyInto(whole, 0, from, rows);
            }
        }
        return whole;
    }

    static long rowsPerChunk(TensorInfo info, long chunk) {
        return Math.max(1, chunk / Math.max(1, info.rowByteSize()));
    }

    /**
     * An array as a tensor to be written.
     *
     * @param array stays the caller's; must not change until the file is written
     */
    public static TensorSource source(String name, NDArray array, Kernels kernels) {
        return source(name, array, kernels, CHUNK);
    }

    static TensorSource source(String name, NDArray array, Kernels kernels, long chunk) {
        Precision precision = kernels.precision(array);
        Shape shape = array.getShape();
        TensorInfo info = new TensorInfo(
                name, type(precision), Arrays.stream(shape.getShape()).boxed().toList());
        return new TensorSource(info, sink -> write(info, array, kernels, sink, chunk));
    }

    private static void write(TensorInfo info, NDArray array, Kernels kernels, TensorSource.Sink sink, long chunk)
            throws IOException {
        if (info.byteSize() <= chunk) {
            try (NDArray rows = kernels.contiguous(array)) {
                sink.write(rows.toByteBuffer(true));
            }
            return;
        }
        long step = rowsPerChunk(info, chunk);
        for (long from = 0; from < info.rowCount(); from += step) {
            try (NDArray part = kernels.narrow(array, 0, from, Math.min(step, info.rowCount() - from));
                    NDArray rows = kernels.contiguous(part)) {
                sink.write(rows.toByteBuffer(true));
            }
        }
    }
}
