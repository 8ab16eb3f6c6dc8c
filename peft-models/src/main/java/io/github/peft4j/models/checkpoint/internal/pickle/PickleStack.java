package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stack of an unpickler: values, and marks that set off those above them. */
final class PickleStack {

    private final PickleInput in;
    private final Deque<List<Object>> below = new ArrayDeque<>();
    private List<Object> values = new ArrayList<>();

    PickleStack(PickleInput in) {
        this.in = in;
    }

    void push(Object value) {
        values.add(value);
    }

    void mark() {
        below.push(values);
        values = new ArrayList<>(4);
    }

    /** The topmost value; marks are not crossed. */
    Object peek() throws CheckpointException {
        if (values.isEmpty()) {
            throw in.damaged(in.position(), "the stack is empty");
        }
        return values.get(values.size() - 1);
    }

    Object pop() throws CheckpointException {
        Object value = peek();
        values.remove(values.size() - 1);
        return value;
    }

    /** Takes that many values off, and returns them as they were pushed. */
    List<Object> popLast(int count) throws CheckpointException {
        if (values.size() < count) {
            throw in.damaged(in.position(), "expected " + count + " values on the stack, found " + values.size());
        }
        List<Object> last = values.subList(values.size() - count, values.size());
        List<Object> copy = new ArrayList<>(last);
        last.clear();
        return copy;
    }

    /** Takes everything above the last mark off, and the mark. */
    List<Object> popMark() throws CheckpointException {
        @Nullable List<Object> next = below.poll();
        if (next == null) {
            throw in.damaged(in.position(), "there is no mark on the stack");
        }
        List<Object> items = values;
        values = next;
        return items;
    }
}
