package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Direct buffers for tensors that cannot be used in place. */
final class DirectMemory {

    private DirectMemory() {}

    static ByteBuffer allocate(int length, MappedFile file, TensorInfo info) throws CheckpointException {
        try {
            return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    "tensor " + Printable.quoted(info.name()) + " of " + file.path()
                            + " must be copied, and there is no room for " + length
                            + " bytes: raise -XX:MaxDirectMemorySize, or save the checkpoint as safetensors",
                    e);
        }
    }
}
