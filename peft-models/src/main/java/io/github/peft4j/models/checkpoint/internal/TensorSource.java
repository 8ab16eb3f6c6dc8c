package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A tensor to be written: what it is, and how its bytes come, in as many chunks as suits the source.
 *
 * @param info name, type and shape as they shall stand in the file
 * @param content delivers the bytes when the writer reaches the tensor, which is once per file
 */
public record TensorSource(TensorInfo info, Content content) {

    /** A tensor of another checkpoint is passed on in pieces of about this many bytes. */
    private static final long CHUNK_BYTES = 1L << 28;

    /** Delivers a tensor's bytes. */
    @FunctionalInterface
    public interface Content {

        /**
         * Hands all bytes to the sink, row-major and little-endian; a chunk may be freed as soon as the sink returns.
         *
         * @param sink takes the chunks in order
         * @throws IOException if the bytes cannot be got, or from the sink
         */
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes a tensor's bytes. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Writes a chunk.
         *
         * @param chunk what lies between its position and its limit, both of which stay as they are
         * @throws IOException if writing fails, or the tensor gets more bytes than its shape has room for
         */
        void write(ByteBuffer chunk) throws IOException;
    }

    /**
     * Makes a source of a tensor that lies in one buffer.
     *
     * @param info name, type and shape
     * @param bytes its bytes, little-endian; must not change until the file is written
     * @return the source
     */
    public static TensorSource of(TensorInfo info, ByteBuffer bytes) {
        return new TensorSource(info, sink -> sink.write(bytes));
    }

    /**
     * Makes a source of a tensor that lies in another checkpoint, of any size.
     *
     * @param checkpoint where to read; must stay open until the file is written
     * @param name the tensor
     * @return the source
     * @throws CheckpointException if there is no such tensor
     */
    public static TensorSource of(Checkpoint checkpoint, String name) throws CheckpointException {
        TensorInfo info = checkpoint.info(name);
        return new TensorSource(info, sink -> copy(checkpoint, info, sink));
    }

    private static void copy(Checkpoint checkpoint, TensorInfo info, Sink sink) throws IOException {
        long rowBytes = Math.max(1, info.rowByteSize());
        long rows = Math.max(1, CHUNK_BYTES / rowBytes);
        for (long from = 0; from < info.rowCount(); from += rows) {
            sink.write(checkpoint.rows(info.name(), from, Math.min(info.rowCount(), from + rows)));
        }
    }
}
