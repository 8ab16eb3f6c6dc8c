package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor that lies in its file row-major and without gaps. It is mapped in place, unless its offset is not a multiple of the
 * element size: native code may fault on such an address, so the rows are then copied.
 */
public record PlainTensor(MappedFile file, TensorInfo info, long offset) implements TensorData {

    @Override
    public boolean inPlace() {
        return offset % info.type().bytes() == 0;
    }

    @Override
    public ByteBuffer read(long fromRow, long toRow) throws CheckpointException {
        long rowBytes = info.rowByteSize();
        int length = Math.toIntExact((toRow - fromRow) * rowBytes);
        if (length == 0) {
            return ByteBuffer.allocateDirect(0).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        if (!inPlace()) {
            ByteBuffer copy = DirectMemory.allocate(length, file, info);
            copy.put(file.map(offset + fromRow * rowBytes, length)).flip();
            return copy.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }
        if (info.byteSize() > Integer.MAX_VALUE) {
            return file.map(offset + fromRow * rowBytes, length);
        }
        // One mapping for the whole tensor, whichever rows are asked for.
        ByteBuffer whole = file.map(offset, info.byteSize());
        return whole.slice(Math.toIntExact(fromRow * rowBytes), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void copy(long fromRow, long toRow, ByteBuffer target) throws CheckpointException {
        long rowBytes = info.rowByteSize();
        file.copy(offset + fromRow * rowBytes, Math.toIntExact((toRow - fromRow) * rowBytes), target);
    }
}
