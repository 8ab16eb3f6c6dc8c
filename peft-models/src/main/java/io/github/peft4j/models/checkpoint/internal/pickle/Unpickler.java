package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle as data. It builds containers, numbers, text and descriptions of tensors, and nothing else: a name that is not in
 * {@link PickleGlobal} is refused when it is read, without being resolved, and so is every opcode that would make or change an
 * object of another kind.
 *
 * <p>Nothing here recurses or compares containers by content, so nesting costs nothing; all work is charged to the input's budget.
 */
final class Unpickler {

    private static final int HIGHEST_PROTOCOL = 5;

    private static final String ONLY_DATA =
            "a checkpoint may hold tensors and plain containers only, so nothing of it was loaded";

    private final PickleInput in;
    private final PickleLiterals literals;
    private final TensorBuilder tensors;
    private final PickleContainers containers;
    private final Map<Long, Object> memo = new HashMap<>();
    private final PickleStack stack;
    private int opcodeAt;

    Unpickler(PickleInput in) {
        this.in = in;
        this.stack = new PickleStack(in);
        this.literals = new PickleLiterals(in);
        this.tensors = new TensorBuilder(in);
        this.containers = new PickleContainers(in);
    }

    /** Reads up to STOP and returns the value. */
    Object load() throws CheckpointException {
        while (true) {
            opcodeAt = in.position();
            int opcode = in.unsignedByte();
            in.charge(1);
            if (opcode == '.') {
                return stack.pop();
            }
            @Nullable Object literal = literals.read(opcode);
            if (literal != null) {
                stack.push(literal);
            } else if (!remember(opcode) && !build(opcode)) {
                step(opcode);
            }
        }
    }

    /** The opcodes of stack and memo. */
    private boolean remember(int opcode) throws CheckpointException {
        switch (opcode) {
            case '(' -> stack.mark();
            case '0' -> stack.pop();
            case '1' -> stack.popMark();
            case '2' -> stack.push(stack.peek());
            case 'p' -> memo.put(index(in.line()), stack.peek());
            case 'q' -> memo.put((long) in.unsignedByte(), stack.peek());
            case 'r' -> memo.put(in.unsignedInt(), stack.peek());
            case 0x94 -> memo.put((long) memo.size(), stack.peek());
            case 'g' -> stack.push(recall(index(in.line())));
            case 'h' -> stack.push(recall(in.unsignedByte()));
            case 'j' -> stack.push(recall(in.unsignedInt()));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The opcodes that make and fill containers. */
    private boolean build(int opcode) throws CheckpointException {
        switch (opcode) {
            case ')' -> stack.push(new PickleTuple(List.of()));
            case 0x85 -> stack.push(new PickleTuple(stack.popLast(1)));
            case 0x86 -> stack.push(new PickleTuple(stack.popLast(2)));
            case 0x87 -> stack.push(new PickleTuple(stack.popLast(3)));
            case 't' -> stack.push(new PickleTuple(stack.popMark()));
            case ']' -> stack.push(new ArrayList<>(4));
            case 'l' -> stack.push(stack.popMark());
            case '}' -> stack.push(new PickleDict());
            case 'd' -> stack.push(containers.put(stack.popMark(), new PickleDict()));
            case 0x8f -> stack.push(new PickleSet());
            case 0x91 -> stack.push(containers.add(stack.popMark(), new PickleSet()));
            case 'a' -> containers.append(stack.popLast(1), stack.peek());
            case 'e' -> containers.append(stack.popMark(), stack.peek());
            case 's' -> containers.put(stack.popLast(2), stack.peek());
            case 'u' -> containers.put(stack.popMark(), stack.peek());
            case 0x90 -> containers.add(stack.popMark(), stack.peek());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Protocol, names, calls, and everything that is refused. */
    private void step(int opcode) throws CheckpointException {
        switch (opcode) {
            case 0x80 -> {
                int protocol = in.unsignedByte();
                if (protocol > HIGHEST_PROTOCOL) {
                    throw in.damaged(
                            opcodeAt, "expected a pickle protocol up to " + HIGHEST_PROTOCOL + ", found " + protocol);
                }
            }
            // A frame's length only helps readers that read ahead.
            case 0x95 -> in.signedLong();
            case 'c' -> {
                String module = in.line();
                stack.push(global(module, in.line()));
            }
            case 0x93 -> {
                List<Object> names = stack.popLast(2);
                if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
                    throw in.damaged(opcodeAt, "expected a global's module and name to be text");
                }
                stack.push(global(module, name));
            }
            case 'Q' -> stack.push(tensors.storage(stack.pop()));
            case 'R' -> {
                Object arguments = stack.pop();
                stack.push(call(stack.pop(), arguments));
            }
            case 'b' -> {
                Object state = stack.pop();
                // The version numbers that torch hangs on a state dict.
                if (!(stack.peek() instanceof PickleDict) || !(state instanceof PickleDict)) {
                    throw in.refused(opcodeAt, "a BUILD of " + PickleContainers.describe(stack.peek()), ONLY_DATA);
                }
            }
            default -> {
                @Nullable String name = PickleOpcodes.REFUSED.get(opcode);
                if (name != null) {
                    throw in.refused(opcodeAt, "the opcode " + name, ONLY_DATA);
                }
                throw in.damaged(opcodeAt, "there is no opcode " + opcode);
            }
        }
    }

    private PickleGlobal global(String module, String name) throws CheckpointException {
        @Nullable PickleGlobal found = PickleGlobal.find(module, name).orElse(null);
        if (found == null) {
            throw in.refused(opcodeAt, "global " + Printable.excerpt(module + "." + name), ONLY_DATA);
        }
        return found;
    }

    private Object call(Object function, Object arguments) throws CheckpointException {
        if (!(function instanceof PickleGlobal global) || !(arguments instanceof PickleTuple tuple)) {
            throw in.refused(opcodeAt, "a call of " + PickleContainers.describe(function), ONLY_DATA);
        }
        List<Object> items = tuple.items();
        return switch (global.kind()) {
            case ORDERED_DICT -> containers.orderedDict(items);
            case SET -> containers.setOf(items);
            case SIZE -> containers.size(items);
            case TENSOR_V1 -> tensors.first(items);
            case TENSOR_V2 -> tensors.second(items);
            case TENSOR_V3 -> tensors.third(items);
            case PARAMETER -> tensors.parameter(items);
            case STORAGE, DTYPE -> throw in.refused(opcodeAt, "a call of " + global.name(), ONLY_DATA);
        };
    }

    private long index(String line) throws CheckpointException {
        try {
            return Long.parseLong(line);
        } catch (NumberFormatException e) {
            throw in.damaged(opcodeAt, "expected a memo index, found " + Printable.quoted(line));
        }
    }

    private Object recall(long index) throws CheckpointException {
        @Nullable Object value = memo.get(index);
        if (value == null) {
            throw in.damaged(opcodeAt, "there is nothing in the memo at " + index);
        }
        return value;
    }
}
