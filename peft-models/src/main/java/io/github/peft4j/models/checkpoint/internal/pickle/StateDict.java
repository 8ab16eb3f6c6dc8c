package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.MappedFile;
import io.github.peft4j.models.checkpoint.internal.PlainTensor;
import io.github.peft4j.models.checkpoint.internal.StridedTensor;
import io.github.peft4j.models.checkpoint.internal.TensorData;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.internal.message.Printable;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mapping of names to tensors that a PyTorch file must hold, with the place of each tensor in the file. */
final class StateDict {

    /** The version numbers of a module, which old PyTorch wrote as an ordinary entry. */
    private static final String METADATA = "_metadata";

    /**
     * How often a file's bytes may be used over: tensors can share a storage, as the embedding and the head of a model with tied weights do, and in
     * an encoder-decoder four of them. Each is read, converted or put in order by itself, so more would be a way to exhaust memory.
     */
    private static final long MOST_SHARED = 4;

    private StateDict() {}

    /** Where a storage's bytes begin in the file; throws if they are not all there. */
    interface Storages {
        long offset(StorageReference storage) throws CheckpointException;
    }

    static Map<String, TensorData> read(MappedFile file, Object root, Storages storages) throws CheckpointException {
        if (!(root instanceof PickleDict dict)) {
            throw new CheckpointException(file.path() + " holds " + PickleContainers.describe(root)
                    + ", expected a mapping of names to tensors; save the model's state_dict()");
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (Map.Entry<Object, Object> entry : dict.entries().entrySet()) {
            if (!(entry.getKey() instanceof String name)) {
                throw new CheckpointException(
                        file.path() + ": expected names as keys, found " + PickleContainers.describe(entry.getKey()));
            }
            @Nullable Object value = entry.getValue();
            if (value instanceof PickledTensor tensor) {
                tensors.put(name, place(file, name, tensor, storages));
            } else if (!name.equals(METADATA)) {
                throw new CheckpointException(
                        file.path() + ": expected a tensor under " + Printable.quoted(name) + ", found "
                                + PickleContainers.describe(value)
                                + "; this is not a plain state dict: save only the mapping of names to tensors");
            }
        }
        requireJustified(file, tensors.values());
        return Collections.unmodifiableMap(tensors);
    }

    private static void requireJustified(MappedFile file, Collection<TensorData> tensors) throws CheckpointException {
        long bytes = 0;
        for (TensorData tensor : tensors) {
            bytes += Math.min(tensor.info().byteSize(), Long.MAX_VALUE - bytes);
        }
        if (bytes / MOST_SHARED > file.size()) {
            throw new CheckpointException(file.path() + ": its " + tensors.size() + " tensors take " + bytes
                    + " bytes, expected at most " + MOST_SHARED + " times the " + file.size()
                    + " of the file: too many of them are views of the same storage");
        }
    }

    private static TensorData place(MappedFile file, String name, PickledTensor tensor, Storages storages)
            throws CheckpointException {
        // The unpickler has checked that the view lies within the storage, so this cannot overflow once the storage is
        // in the file.
        long start = storages.offset(tensor.storage())
                + tensor.offset() * tensor.type().bytes();
        TensorInfo info = new TensorInfo(name, tensor.type(), tensor.size());
        return tensor.isContiguous()
                ? new PlainTensor(file, info, start)
                : new StridedTensor(file, info, start, tensor.strides());
    }
}
