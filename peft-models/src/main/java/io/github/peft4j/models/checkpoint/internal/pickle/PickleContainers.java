package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.List;

/** Makes and fills the lists, dicts and sets of a pickle. */
final class PickleContainers {

    private final PickleInput in;

    PickleContainers(PickleInput in) {
        this.in = in;
    }

    void append(List<Object> items, Object target) throws CheckpointException {
        list(target).addAll(items);
    }

    PickleDict put(List<Object> keysAndValues, Object target) throws CheckpointException {
        if (!(target instanceof PickleDict dict)) {
            throw in.damaged(in.position(), "expected a mapping to put items into, found " + describe(target));
        }
        if (keysAndValues.size() % 2 != 0) {
            throw in.damaged(in.position(), "expected a value for each key of a mapping");
        }
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            dict.entries().put(scalar(keysAndValues.get(i)), keysAndValues.get(i + 1));
        }
        return dict;
    }

    PickleSet add(List<Object> items, Object target) throws CheckpointException {
        if (!(target instanceof PickleSet set)) {
            throw in.damaged(in.position(), "expected a set to add items to, found " + describe(target));
        }
        for (Object item : items) {
            set.items().add(scalar(item));
        }
        return set;
    }

    /** {@code OrderedDict()} or, from old Pythons, {@code OrderedDict([[key, value], ...])}. */
    PickleDict orderedDict(List<Object> arguments) throws CheckpointException {
        PickleDict dict = new PickleDict();
        if (arguments.isEmpty()) {
            return dict;
        }
        for (Object pair : only("OrderedDict", arguments)) {
            List<Object> items = pair instanceof PickleTuple tuple ? tuple.items() : list(pair);
            if (items.size() != 2) {
                throw in.damaged(
                        in.position(), "expected pairs of a key and a value, found " + items.size() + " values");
            }
            put(items, dict);
        }
        return dict;
    }

    /** {@code set([item, ...])}. */
    PickleSet setOf(List<Object> arguments) throws CheckpointException {
        PickleSet set = new PickleSet();
        return arguments.isEmpty() ? set : add(only("set", arguments), set);
    }

    /** {@code torch.Size((n, ...))}, a tuple for all we care. */
    PickleTuple size(List<Object> arguments) throws CheckpointException {
        return new PickleTuple(arguments.isEmpty() ? List.of() : only("torch.Size", arguments));
    }

    /** Says in words what a value is, never what is in it. */
    static String describe(Object value) {
        if (value instanceof PickleDict) {
            return "a mapping";
        }
        if (value instanceof PickleTuple || value instanceof List) {
            return "a list";
        }
        if (value instanceof PickleSet) {
            return "a set";
        }
        if (value instanceof String) {
            return "text";
        }
        if (value instanceof Boolean) {
            return "a truth value";
        }
        if (value instanceof Number) {
            return "a number";
        }
        if (value instanceof PickleGlobal global) {
            return global.name();
        }
        if (value instanceof PickledTensor) {
            return "a tensor";
        }
        return value instanceof StorageReference ? "a storage" : "None";
    }

    /** The items of a function's one argument, charged for, since one list may be passed again and again. */
    private List<Object> only(String function, List<Object> arguments) throws CheckpointException {
        if (arguments.size() != 1) {
            throw in.damaged(in.position(), function + " is called with " + arguments.size() + " arguments");
        }
        Object argument = arguments.get(0);
        List<Object> items = argument instanceof PickleTuple tuple ? tuple.items() : list(argument);
        in.charge(items.size());
        return items;
    }

    @SuppressWarnings("unchecked") // the lists of a pickle are all made as ArrayList<Object>
    private List<Object> list(Object value) throws CheckpointException {
        if (value instanceof ArrayList<?> list) {
            return (List<Object>) list;
        }
        throw in.damaged(in.position(), "expected a list, found " + describe(value));
    }

    private Object scalar(Object key) throws CheckpointException {
        if (PickleDict.isScalar(key)) {
            return key;
        }
        throw in.damaged(in.position(), "expected text or a number as a key, found " + describe(key));
    }
}
