package io.github.peft4j.models.checkpoint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

    private static final Map<Integer, String> REFUSED = Map.ofEntries(
            Map.entry((int) 'i', "INST"),
            Map.entry((int) 'o', "OBJ"),
            Map.entry((int) 'P', "PERSID"),
            Map.entry((int) 'B', "BINBYTES"),
            Map.entry((int) 'C', "SHORT_BINBYTES"),
            Map.entry(0x81, "NEWOBJ"),
            Map.entry(0x82, "EXT1"),
            Map.entry(0x83, "EXT2"),
            Map.entry(0x84, "EXT4"),
            Map.entry(0x8e, "BINBYTES8"),
            Map.entry(0x92, "NEWOBJ_EX"),
            Map.entry(0x96, "BYTEARRAY8"),
            Map.entry(0x97, "NEXT_BUFFER"),
            Map.entry(0x98, "READONLY_BUFFER"));

    private static final String ONLY_DATA =
            "a checkpoint may hold tensors and plain containers only, so nothing of it was loaded";

    private final PickleInput in;
    private final PickleLiterals literals;
    private final TensorBuilder tensors;
    private final PickleContainers containers;
    private final Map<Long, Object> memo = new HashMap<>();
    private final Deque<List<Object>> outer = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();
    private int opcodeAt;

    Unpickler(PickleInput in) {
        this.in = in;
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
                return pop();
            }
            @Nullable Object literal = literals.read(opcode);
            if (literal != null) {
                stack.add(literal);
            } else if (!remember(opcode) && !build(opcode)) {
                step(opcode);
            }
        }
    }

    /** The opcodes of stack and memo. */
    private boolean remember(int opcode) throws CheckpointException {
        switch (opcode) {
            case '(' -> {
                outer.push(stack);
                stack = new ArrayList<>(4);
            }
            case '0' -> pop();
            case '1' -> popMark();
            case '2' -> stack.add(peek());
            case 'p' -> memo.put(index(in.line()), peek());
            case 'q' -> memo.put((long) in.unsignedByte(), peek());
            case 'r' -> memo.put(in.unsignedInt(), peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'g' -> stack.add(recall(index(in.line())));
            case 'h' -> stack.add(recall(in.unsignedByte()));
            case 'j' -> stack.add(recall(in.unsignedInt()));
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The opcodes that make and fill containers. */
    private boolean build(int opcode) throws CheckpointException {
        switch (opcode) {
            case ')' -> stack.add(new PickleTuple(List.of()));
            case 0x85 -> stack.add(new PickleTuple(popLast(1)));
            case 0x86 -> stack.add(new PickleTuple(popLast(2)));
            case 0x87 -> stack.add(new PickleTuple(popLast(3)));
            case 't' -> {
                List<Object> items = popMark();
                stack.add(new PickleTuple(items));
            }
            case ']' -> stack.add(new ArrayList<>(4));
            case 'l' -> {
                List<Object> items = popMark();
                stack.add(items);
            }
            case '}' -> stack.add(new PickleDict());
            case 'd' -> {
                List<Object> items = popMark();
                stack.add(containers.dict(items));
            }
            case 0x8f -> stack.add(new PickleSet());
            case 0x91 -> {
                List<Object> items = popMark();
                stack.add(containers.set(items));
            }
            case 'a' -> containers.append(popLast(1), peek());
            case 'e' -> containers.append(popMark(), peek());
            case 's' -> containers.put(popLast(2), peek());
            case 'u' -> containers.put(popMark(), peek());
            case 0x90 -> containers.add(popMark(), peek());
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
                stack.add(global(module, in.line()));
            }
            case 0x93 -> {
                List<Object> names = popLast(2);
                if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
                    throw in.damaged(opcodeAt, "expected a global's module and name to be text");
                }
                stack.add(global(module, name));
            }
            case 'Q' -> stack.add(tensors.storage(pop()));
            case 'R' -> {
                Object arguments = pop();
                stack.add(call(pop(), arguments));
            }
            case 'b' -> {
                Object state = pop();
                // The version numbers that torch hangs on a state dict.
                if (!(peek() instanceof PickleDict) || !(state instanceof PickleDict)) {
                    throw in.refused(opcodeAt, "a BUILD of " + PickleContainers.describe(peek()), ONLY_DATA);
                }
            }
            default -> {
                @Nullable String name = REFUSED.get(opcode);
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
            throw in.refused(opcodeAt, "global " + Quoted.line(module + "." + name), ONLY_DATA);
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
            throw in.damaged(opcodeAt, "expected a memo index, found " + Quoted.name(line));
        }
    }

    private Object recall(long index) throws CheckpointException {
        @Nullable Object value = memo.get(index);
        if (value == null) {
            throw in.damaged(opcodeAt, "there is nothing in the memo at " + index);
        }
        return value;
    }

    private Object peek() throws CheckpointException {
        if (stack.isEmpty()) {
            throw in.damaged(opcodeAt, "the stack is empty");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() throws CheckpointException {
        Object value = peek();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<Object> popLast(int count) throws CheckpointException {
        if (stack.size() < count) {
            throw in.damaged(opcodeAt, "expected " + count + " values on the stack, found " + stack.size());
        }
        List<Object> last = stack.subList(stack.size() - count, stack.size());
        List<Object> copy = new ArrayList<>(last);
        last.clear();
        return copy;
    }

    private List<Object> popMark() throws CheckpointException {
        @Nullable List<Object> below = outer.poll();
        if (below == null) {
            throw in.damaged(opcodeAt, "there is no mark on the stack");
        }
        List<Object> items = stack;
        stack = below;
        return items;
    }
}
