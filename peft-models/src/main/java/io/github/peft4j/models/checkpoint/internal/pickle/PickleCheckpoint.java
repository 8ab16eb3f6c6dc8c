package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.TensorData;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorTable;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A file written by torch.save, {@code pytorch_model.bin} or an old adapter's {@code adapter_model.bin}, in today's zip form or the
 * form before PyTorch 1.6.
 *
 * <p>Such a file is a Python pickle, a program that Python would run. Here it is read as data: it can build a flat mapping of names
 * to tensors and the plain containers around it. Any other name in it is refused by that name and never resolved.
 *
 * <p>Contiguous tensors are used in place; others, for instance a transposed weight, are copied when read. Tensors that share memory
 * in the file share it here. Safe for concurrent use.
 */
public final class PickleCheckpoint implements Checkpoint {

    private static final int ZIP_MAGIC = 0x504b0304;

    private static final int PROTOCOL_OPCODE = 0x80;

    private final MappedFile file;
    private final TensorTable tensors;

    private PickleCheckpoint(MappedFile file, Map<String, TensorData> tensors) {
        this.file = file;
        this.tensors = new TensorTable(file, tensors);
    }

    /**
     * Opens a file.
     *
     * @param path a file written by torch.save
     * @return the open file; the caller closes it
     * @throws CheckpointException if it is damaged, holds anything but names and tensors, or refers to any other Python object
     */
    public static PickleCheckpoint open(Path path) throws CheckpointException {
        MappedFile file = MappedFile.open(path);
        try {
            return new PickleCheckpoint(file, read(file));
        } catch (CheckpointException e) {
            file.close();
            throw e;
        }
    }

    private static Map<String, TensorData> read(MappedFile file) throws CheckpointException {
        if (file.size() < Integer.BYTES) {
            throw new CheckpointException(
                    file.path() + " is truncated: expected a PyTorch file, found " + file.size() + " bytes");
        }
        int start = ByteBuffer.wrap(file.read(0, Integer.BYTES)).getInt();
        if (start == ZIP_MAGIC) {
            return TorchZip.read(file);
        }
        if (start >>> 24 == PROTOCOL_OPCODE) {
            return TorchLegacy.read(file);
        }
        throw new CheckpointException(
                file.path() + " is not a PyTorch checkpoint: expected a zip file or a pickle, found the bytes 0x"
                        + Integer.toHexString(start));
    }

    @Override
    public Set<String> names() {
        return tensors.names();
    }

    @Override
    public TensorInfo info(String name) throws CheckpointException {
        return tensors.get(name).info();
    }

    @Override
    public ByteBuffer bytes(String name) throws CheckpointException {
        return tensors.bytes(name);
    }

    @Override
    public ByteBuffer rows(String name, long from, long to) throws CheckpointException {
        return tensors.rows(name, from, to);
    }

    @Override
    public void copyRows(String name, long from, long to, ByteBuffer target) throws CheckpointException {
        tensors.copyRows(name, from, to, target);
    }

    @Override
    public boolean inPlace(String name) throws CheckpointException {
        return tensors.get(name).inPlace();
    }

    @Override
    public Path source(String name) throws CheckpointException {
        tensors.get(name);
        return file.path();
    }

    @Override
    public void close() {
        tensors.close();
    }
}
