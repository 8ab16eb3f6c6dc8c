package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;

/**
 * Named tensors on disk, read where they lie.
 *
 * <p><b>Memory.</b> Buffers are direct, read-only and little-endian, and start at position 0, so their address may be handed to
 * native code. They view the mapped file where the tensor can be used as stored ({@link #inPlace}); a tensor that cannot (a
 * transposed view in a PyTorch file, or data not aligned to its element size) is copied once. The checkpoint holds what
 * {@link #bytes} returned, and every mapping, until it is closed: keep it open as long as native code uses the memory. Closing
 * never pulls memory away from a buffer that is still reachable from Java.
 *
 * <p><b>Alignment.</b> A buffer's address is a multiple of the element size, not of any larger number: safetensors aligns its data
 * to 8 bytes only.
 *
 * <p>As with every mapped file, truncating it while it is in use ends the process; replace files by renaming
 * ({@link AtomicWrite}), which leaves the mapped content as it was.
 *
 * <p>Safe for concurrent use.
 */
public interface Checkpoint extends AutoCloseable {

    /**
     * Returns the names of all tensors.
     *
     * @return names, in the order in which a sequential reader best takes them
     */
    Set<String> names();

    /**
     * Describes a tensor.
     *
     * @param name one of {@link #names}
     * @return its type and shape
     * @throws CheckpointException if there is no such tensor, its type is not known, or its shard cannot be read
     */
    TensorInfo info(String name) throws CheckpointException;

    /**
     * Returns the bytes of a tensor, row-major.
     *
     * @param name one of {@link #names}
     * @return a new view of {@link TensorInfo#byteSize} bytes, valid as long as this checkpoint is open
     * @throws CheckpointException as {@link #info}, or if the tensor has 2 GiB or more: read it with {@link #rows}
     */
    ByteBuffer bytes(String name) throws CheckpointException;

    /**
     * Returns the bytes of some rows of a tensor; the way to read one of 2 GiB or more.
     *
     * @param name one of {@link #names}
     * @param from the first row of the outermost dimension; a scalar has one row
     * @param to the row after the last
     * @return a view of {@code (to - from) * rowByteSize} bytes; where the tensor is not {@link #inPlace}, a copy that only the
     *     caller holds
     * @throws CheckpointException as {@link #info}, or if the rows take 2 GiB or more
     * @throws IndexOutOfBoundsException if the rows are not in the tensor
     */
    ByteBuffer rows(String name, long from, long to) throws CheckpointException;

    /**
     * Copies some rows of a tensor, without mapping the file where the tensor lies in it as it is: the way to read what will not be used
     * where it lies, since mapped pages count as the process's memory for as long as the mapping lives.
     *
     * @param name one of {@link #names}
     * @param from the first row of the outermost dimension; a scalar has one row
     * @param to the row after the last
     * @param target has room for them after its position, which is afterwards behind the last byte
     * @throws CheckpointException as {@link #rows}
     * @throws IndexOutOfBoundsException if the rows are not in the tensor
     */
    default void copyRows(String name, long from, long to, ByteBuffer target) throws CheckpointException {
        target.put(rows(name, from, to));
    }

    /**
     * Tells whether the buffers of a tensor are the mapped file itself, costing no memory.
     *
     * @param name one of {@link #names}
     * @return false if reading the tensor copies it
     * @throws CheckpointException as {@link #info}
     */
    boolean inPlace(String name) throws CheckpointException;

    /**
     * Returns the file a tensor lies in, for messages.
     *
     * @param name one of {@link #names}
     * @return the file, one shard of a sharded checkpoint
     * @throws CheckpointException if there is no such tensor
     */
    Path source(String name) throws CheckpointException;

    /** Closes the files and lets go of the mappings; after that nothing more can be read. */
    @Override
    void close();

    /**
     * Opens a checkpoint. In a folder the first of {@code model.safetensors}, {@code model.safetensors.index.json},
     * {@code pytorch_model.bin} and {@code pytorch_model.bin.index.json} is taken; a file is read by the form its name ends in.
     *
     * @param folderOrFile a model folder, or one {@code .safetensors}, {@code .bin}, {@code .pt}, {@code .pth} or
     *     {@code .index.json} file
     * @return the open checkpoint; the caller closes it
     * @throws CheckpointException if there is nothing to open or the file is damaged
     */
    static Checkpoint open(Path folderOrFile) throws CheckpointException {
        return CheckpointForms.open(folderOrFile);
    }
}
