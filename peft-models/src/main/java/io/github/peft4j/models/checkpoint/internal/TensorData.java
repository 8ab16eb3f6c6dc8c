package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;

/** One tensor of an open file and how its bytes are got. */
public interface TensorData {

    TensorInfo info();

    /** Whether {@link #read} views the file instead of copying. */
    boolean inPlace();

    /**
     * Returns rows that take less than 2 GiB and lie within the tensor, row-major, as a new little-endian direct view.
     */
    ByteBuffer read(long fromRow, long toRow) throws CheckpointException;

    /** Copies rows behind a buffer's position. */
    default void copy(long fromRow, long toRow, ByteBuffer target) throws CheckpointException {
        target.put(read(fromRow, toRow));
    }
}
