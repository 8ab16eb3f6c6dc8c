package io.github.peft4j.models.nn.weights.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way of arrays between files and the engine, of any size: what exceeds a buffer goes in ranges of rows. */
public final class StoredArrays {

    /** Bytes that go at once. */
    private static final long CHUNK = 1L << 30;

    /** Bytes of 64-bit numbers that are converted at once. */
    private static final long WIDE_CHUNK = 8L << 20;

    private static final String READABLE = "F64, F32, F16 or BF16";

    private StoredArrays() {}

    /** The number format that a stored type is read in, or null if it cannot be read: F64 is rounded to float32. */
    public static @Nullable Precision precision(StoredType type) {
        return switch (type) {
            case F32, F64 -> Precision.FLOAT32;
            case BF16 -> Precision.BFLOAT16;
            case F16 -> Precision.FLOAT16;
            default -> null;
        };
    }

    /**
     * The format of the first tensor that is in one of the formats of computations; float32 if there is none.
     *
     * @throws CheckpointException if a shard cannot be read
     */
    public static Precision firstPrecision(Checkpoint checkpoint) throws CheckpointException {
        for (String name : checkpoint.names()) {
            Precision precision = precision(checkpoint.info(name).type());
            if (precision != null) {
                return precision;
            }
        }
        return Precision.FLOAT32;
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
     * @throws CheckpointException if there is no such tensor or it is not stored as F64, F32, F16 or BF16
     */
    public static NDArray read(Checkpoint checkpoint, String name, Scope owner, Precision precision)
            throws CheckpointException {
        return read(checkpoint, name, owner, precision, CHUNK);
    }

    public static NDArray read(Checkpoint checkpoint, String name, Scope owner, Precision precision, long chunk)
            throws CheckpointException {
        TensorInfo info = checkpoint.info(name);
        Precision stored = requireReadable(checkpoint, info);
        Kernels kernels = owner.kernels();
        long[] shape = info.shape().stream().mapToLong(Long::longValue).toArray();
        boolean wide = info.type() == StoredType.F64;
        if (!wide && info.byteSize() <= chunk) {
            try (NDArray mapped = owner.mapped(checkpoint.bytes(name), stored, shape)) {
                return kernels.cast(mapped, precision);
            }
        }
        NDArray whole = owner.zeros(precision, shape);
        long step = rowsPerChunk(info, wide ? Math.min(chunk, WIDE_CHUNK) : chunk);
        for (long from = 0; from < info.rowCount(); from += step) {
            long to = Math.min(info.rowCount(), from + step);
            ByteBuffer bytes = wide ? narrowed(checkpoint, info, from, to) : checkpoint.rows(name, from, to);
            try (NDArray rows = owner.mapped(bytes, stored, part(shape, to - from))) {
                put(kernels, whole, from, rows);
            }
        }
        return whole;
    }

    /**
     * The format that a tensor is read in.
     *
     * @throws CheckpointException if it is not stored as F64, F32, F16 or BF16
     */
    public static Precision requireReadable(Checkpoint checkpoint, TensorInfo info) throws CheckpointException {
        Precision stored = precision(info.type());
        if (stored == null) {
            throw new CheckpointException(unreadable(info) + " (" + checkpoint.source(info.name()) + ")");
        }
        return stored;
    }

    /** What to say of a tensor whose type cannot be read. */
    public static String unreadable(TensorInfo info) {
        return info.name() + " is stored as " + info.type() + ", expected " + READABLE;
    }

    /** A shape with another number of rows; that of a scalar stays. */
    public static long[] part(long[] shape, long rows) {
        long[] part = shape.clone();
        if (part.length > 0) {
            part[0] = rows;
        }
        return part;
    }

    /** Puts rows into an array at a row; into a scalar, the scalar. */
    public static void put(Kernels kernels, NDArray whole, long from, NDArray rows) {
        if (whole.getShape().dimension() == 0) {
            kernels.assign(whole, rows).close();
        } else {
            kernels.copyInto(whole, 0, from, rows);
        }
    }

    /** Whether two tensors are stored alike and hold the same. */
    public static boolean sameBytes(Checkpoint checkpoint, String first, String second) throws CheckpointException {
        return sameBytes(checkpoint, first, second, CHUNK);
    }

    public static boolean sameBytes(Checkpoint checkpoint, String first, String second, long chunk)
            throws CheckpointException {
        TensorInfo info = checkpoint.info(first);
        TensorInfo other = checkpoint.info(second);
        if (info.type() != other.type() || !info.shape().equals(other.shape())) {
            return false;
        }
        long step = rowsPerChunk(info, chunk);
        for (long from = 0; from < info.rowCount(); from += step) {
            long to = Math.min(info.rowCount(), from + step);
            if (!checkpoint.rows(first, from, to).equals(checkpoint.rows(second, from, to))) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer narrowed(Checkpoint checkpoint, TensorInfo info, long from, long to)
            throws CheckpointException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(Math.toIntExact((to - from) * info.rowByteSize()));
        checkpoint.copyRows(info.name(), from, to, bytes);
        return narrow(bytes.flip());
    }

    /**
     * Rounds 64-bit numbers to float32 where they lie, as torch does.
     *
     * @param doubles little-endian, from the buffer's beginning to its limit
     * @return the part of the buffer that holds the outcome
     */
    public static ByteBuffer narrow(ByteBuffer doubles) {
        doubles.order(ByteOrder.LITTLE_ENDIAN);
        int count = doubles.limit() / Double.BYTES;
        for (int i = 0; i < count; i++) {
            doubles.putFloat(i * Float.BYTES, (float) doubles.getDouble(i * Double.BYTES));
        }
        return doubles.position(0).limit(count * Float.BYTES);
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

    public static TensorSource source(String name, NDArray array, Kernels kernels, long chunk) {
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
