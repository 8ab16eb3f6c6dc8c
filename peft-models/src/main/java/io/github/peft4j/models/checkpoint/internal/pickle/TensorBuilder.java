package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does what torch's functions for rebuilding tensors do, as far as it concerns where the elements lie. */
final class TensorBuilder {

    private final PickleInput in;

    TensorBuilder(PickleInput in) {
        this.in = in;
    }

    /** A persistent id: ("storage", type, key, device, elements), in old files followed by the None of "not a view". */
    StorageReference storage(Object id) throws CheckpointException {
        List<Object> parts = id instanceof PickleTuple tuple ? tuple.items() : List.of();
        boolean storage = (parts.size() == 5 || (parts.size() == 6 && parts.get(5) == PickleNone.NONE))
                && "storage".equals(parts.get(0))
                && parts.get(1) instanceof PickleGlobal global
                && global.kind() == PickleGlobal.Kind.STORAGE
                && parts.get(2) instanceof String
                && parts.get(4) instanceof Long;
        if (!storage) {
            throw in.refused(in.position(), "a persistent id that is not a storage", "expected a whole tensor storage");
        }
        StoredType type = ((PickleGlobal) parts.get(1)).type();
        long elements = (Long) parts.get(4);
        int bytes = type == null ? 1 : type.bytes();
        if (elements < 0 || elements > Long.MAX_VALUE / bytes) {
            throw in.damaged(in.position(), "a storage cannot have " + elements + " elements");
        }
        return new StorageReference((String) parts.get(2), type, elements);
    }

    /** {@code _rebuild_tensor(storage, offset, size, stride)}. */
    PickledTensor first(List<Object> arguments) throws CheckpointException {
        requireCount("_rebuild_tensor", arguments, 4, 4);
        return tensor(arguments, null);
    }

    /** {@code _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata=None)}. */
    PickledTensor second(List<Object> arguments) throws CheckpointException {
        requireCount("_rebuild_tensor_v2", arguments, 6, 7);
        requireNoMetadata(arguments, 6);
        return tensor(arguments, null);
    }

    /** {@code _rebuild_tensor_v3(storage, offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None)}. */
    PickledTensor third(List<Object> arguments) throws CheckpointException {
        requireCount("_rebuild_tensor_v3", arguments, 7, 8);
        requireNoMetadata(arguments, 7);
        if (arguments.get(6) instanceof PickleGlobal global && global.kind() == PickleGlobal.Kind.DTYPE) {
            return tensor(arguments, global.type());
        }
        throw in.damaged(in.position(), "the seventh argument of _rebuild_tensor_v3 is not a dtype");
    }

    /** {@code _rebuild_parameter(tensor, requires_grad, backward_hooks)}, with a state in its other form. */
    PickledTensor parameter(List<Object> arguments) throws CheckpointException {
        requireCount("_rebuild_parameter", arguments, 3, 4);
        if (arguments.get(0) instanceof PickledTensor tensor) {
            return tensor;
        }
        throw in.damaged(in.position(), "the first argument of _rebuild_parameter is not a tensor");
    }

    private PickledTensor tensor(List<Object> arguments, @Nullable StoredType dtype) throws CheckpointException {
        if (!(arguments.get(0) instanceof StorageReference storage) || !(arguments.get(1) instanceof Long offset)) {
            throw in.damaged(in.position(), "expected a tensor of a storage and an offset");
        }
        @Nullable StoredType type = dtype == null ? storage.type() : dtype;
        if (type == null) {
            throw in.damaged(in.position(), "a tensor on an untyped storage has no type");
        }
        List<Long> size = integers(arguments.get(2));
        List<Long> strides = integers(arguments.get(3));
        if (size.size() != strides.size()) {
            throw in.damaged(in.position(), "a tensor has the size " + size + " and the strides " + strides);
        }
        PickledTensor tensor = new PickledTensor(storage, type, offset, size, strides);
        requireWithinStorage(tensor);
        return tensor;
    }

    private void requireWithinStorage(PickledTensor tensor) throws CheckpointException {
        long available = tensor.storage().byteSize() / tensor.type().bytes();
        TensorInfo info;
        try {
            info = new TensorInfo("", tensor.type(), tensor.size());
        } catch (IllegalArgumentException e) {
            throw in.damaged(in.position(), String.valueOf(e.getMessage()));
        }
        long last = tensor.offset();
        boolean inside =
                last >= 0 && last <= available && tensor.strides().stream().allMatch(stride -> stride >= 0);
        if (info.elementCount() > 0) {
            for (int i = 0; inside && i < tensor.size().size(); i++) {
                long steps = tensor.size().get(i) - 1;
                long stride = tensor.strides().get(i);
                inside = stride == 0 || steps <= (available - last) / stride;
                last += inside ? steps * stride : 0;
            }
            // Expanding a small storage to a large tensor would be a way to exhaust memory.
            inside = inside && last < available && info.elementCount() <= available;
        }
        if (!inside) {
            throw in.damaged(
                    in.position(),
                    "a tensor of size " + tensor.size() + " with strides " + tensor.strides() + " at offset "
                            + tensor.offset() + " does not fit its storage of " + available + " elements");
        }
    }

    private List<Long> integers(Object tuple) throws CheckpointException {
        List<Object> items = tuple instanceof PickleTuple value ? value.items() : List.of(PickleNone.NONE);
        if (items.size() > TensorInfo.MAX_DIMENSIONS) {
            throw in.damaged(in.position(), "a tensor has " + items.size() + " dimensions");
        }
        List<Long> out = new ArrayList<>(items.size());
        for (Object item : items) {
            if (!(item instanceof Long number)) {
                throw in.damaged(
                        in.position(), "expected the size and the strides of a tensor to be tuples of integers");
            }
            out.add(number);
        }
        return List.copyOf(out);
    }

    private void requireCount(String function, List<Object> arguments, int least, int most) throws CheckpointException {
        if (arguments.size() < least || arguments.size() > most) {
            throw in.damaged(in.position(), function + " is called with " + arguments.size() + " arguments");
        }
    }

    /** Metadata can say that the elements are to be negated or conjugated when read. */
    private void requireNoMetadata(List<Object> arguments, int index) throws CheckpointException {
        if (arguments.size() <= index || arguments.get(index) == PickleNone.NONE) {
            return;
        }
        boolean none = arguments.get(index) instanceof PickleDict dict
                && dict.entries().isEmpty();
        if (!none) {
            throw in.refused(
                    in.position(), "a tensor with metadata", "a lazily negated or conjugated tensor is not supported");
        }
    }
}
