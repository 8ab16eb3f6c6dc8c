package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.TensorData;
import io.github.peft4j.models.internal.message.Printable;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of torch.save before 1.6: five pickles one after the other (a magic number, a version, the system's properties, the value,
 * the keys of the storages), then each storage with its length before it.
 */
final class TorchLegacy {

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

    private static final long VERSION = 1001;

    private final MappedFile file;
    private final Map<String, Long> offsets = new HashMap<>();

    private TorchLegacy(MappedFile file) {
        this.file = file;
    }

    static Map<String, TensorData> read(MappedFile file) throws CheckpointException {
        ByteBuffer start = file.map(0, Math.min(file.size(), PickleInput.MAX_BYTES));
        PickleInput in = new PickleInput(file.path(), start);
        Object magic = new Unpickler(in).load();
        if (!MAGIC.equals(magic)) {
            throw new CheckpointException(
                    file.path() + " is a pickle but not a PyTorch checkpoint: expected PyTorch's magic number,"
                            + " found " + PickleContainers.describe(magic));
        }
        Object version = new Unpickler(in).load();
        if (!(version instanceof Long number) || number != VERSION) {
            throw new CheckpointException(file.path() + ": expected the PyTorch file version " + VERSION + ", found "
                    + (version instanceof Long ? version : PickleContainers.describe(version)));
        }
        Object system = new Unpickler(in).load();
        if (!(system instanceof PickleDict dict) || dict.entries().get("little_endian") != Boolean.TRUE) {
            throw new CheckpointException(file.path() + " was not written on a little-endian machine");
        }
        Object root = new Unpickler(in).load();
        Object keys = new Unpickler(in).load();
        TorchLegacy legacy = new TorchLegacy(file);
        Map<String, StorageReference> storages = legacy.storages(root);
        legacy.locate(keys, storages, in.position());
        return StateDict.read(file, root, legacy::offset);
    }

    /** The storages of the tensors by key; the file itself says how long each is only in elements. */
    private Map<String, StorageReference> storages(Object root) throws CheckpointException {
        Map<String, StorageReference> storages = new HashMap<>();
        if (root instanceof PickleDict dict) {
            for (Object value : dict.entries().values()) {
                if (value instanceof PickledTensor tensor) {
                    StorageReference storage = tensor.storage();
                    @Nullable StorageReference earlier = storages.put(storage.key(), storage);
                    if (earlier != null && !earlier.equals(storage)) {
                        throw new CheckpointException(file.path() + ": the storage " + Printable.quoted(storage.key())
                                + " is described in two ways: " + earlier.byteSize() + " and " + storage.byteSize()
                                + " bytes");
                    }
                }
            }
        }
        return storages;
    }

    private void locate(Object keys, Map<String, StorageReference> storages, long start) throws CheckpointException {
        if (!(keys instanceof List<?> list)) {
            throw new CheckpointException(
                    file.path() + ": expected a list of storage keys, found " + PickleContainers.describe(keys));
        }
        long at = start;
        for (Object key : list) {
            @Nullable StorageReference storage = key instanceof String name ? storages.get(name) : null;
            if (storage == null) {
                throw new CheckpointException(
                        file.path() + ": it holds a storage that belongs to no tensor of its mapping;"
                                + " save only the mapping of names to tensors");
            }
            if (at > file.size() - Long.BYTES || storage.byteSize() > file.size() - Long.BYTES - at) {
                throw new CheckpointException(file.path() + " is truncated: expected at least "
                        + saturated(at + Long.BYTES, storage.byteSize()) + " bytes, found " + file.size()
                        + "; copy or download the file again");
            }
            long elements = ByteBuffer.wrap(file.read(at, Long.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            if (elements != storage.elements()) {
                throw new CheckpointException(file.path() + ": the storage " + Printable.quoted(storage.key()) + " has "
                        + elements + " elements, expected " + storage.elements());
            }
            at += Long.BYTES;
            offsets.put(storage.key(), at);
            at += storage.byteSize();
        }
    }

    private long offset(StorageReference storage) throws CheckpointException {
        @Nullable Long offset = offsets.get(storage.key());
        if (offset == null) {
            throw new CheckpointException(
                    file.path() + ": the storage " + Printable.quoted(storage.key()) + " is missing");
        }
        return offset;
    }

    private static long saturated(long a, long b) {
        return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
    }
}
