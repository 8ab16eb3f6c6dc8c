package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** Writes one tensor's chunks and sees to it that they are exactly as many bytes as its shape needs. */
final class CountingSink implements TensorSource.Sink {

    /** Java copies heap memory into a native buffer of the same size before writing it; this keeps that buffer small. */
    private static final int SLICE_BYTES = 1 << 23;

    private final WritableByteChannel channel;
    private final TensorInfo info;
    private long written;

    CountingSink(WritableByteChannel channel, TensorInfo info) {
        this.channel = channel;
        this.info = info;
    }

    @Override
    public void write(ByteBuffer chunk) throws IOException {
        int bytes = chunk.remaining();
        if (bytes > info.byteSize() - written) {
            throw wrongSize(written + bytes);
        }
        writeFully(channel, chunk.duplicate());
        written += bytes;
    }

    void requireComplete() throws CheckpointException {
        if (written != info.byteSize()) {
            throw wrongSize(written);
        }
    }

    static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + SLICE_BYTES));
            channel.write(bytes);
            bytes.limit(end);
        }
    }

    private CheckpointException wrongSize(long found) {
        return new CheckpointException("cannot write tensor " + Printable.quoted(info.name()) + ": " + info.type()
                + " of shape " + info.shape() + " needs " + info.byteSize() + " bytes, its source gave " + found);
    }
}
