package io.github.peft4j.models.checkpoint;

import io.github.peft4j.models.message.Printable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mapping of names to tensors that a PyTorch file must hold, with the place of each tensor in the file. */
final class StateDict {

    /** The version numbers of a module, which old PyTorch wrote as an ordinary entry. */
    private static final String METADATA = "_metadata";

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
        return Collections.unmodifiableMap(tensors);
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
