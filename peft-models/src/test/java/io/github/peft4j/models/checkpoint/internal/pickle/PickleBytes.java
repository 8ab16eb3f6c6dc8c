package io.github.peft4j.models.checkpoint.internal.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Assembles pickles opcode by opcode, honest and hostile ones. */
public final class PickleBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A pickle of protocol 2. */
    public static PickleBytes start() {
        return new PickleBytes().op(0x80, 2);
    }

    PickleBytes op(int... bytes) {
        for (int value : bytes) {
            out.write(value);
        }
        return this;
    }

    public PickleBytes ops(String opcodes) {
        out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    PickleBytes global(String module, String name) {
        return ops("c" + module + "\n" + name + "\n");
    }

    public PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        op('X').int32(utf8.length).out.writeBytes(utf8);
        return this;
    }

    PickleBytes number(int value) {
        return op('J').int32(value);
    }

    PickleBytes number(long value) {
        return op(0x8a, 8).int64(value);
    }

    PickleBytes int32(int value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }

    PickleBytes int64(long value) {
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    PickleBytes storage(String type, String key, long elements) {
        int dot = type.lastIndexOf('.');
        return ops("(").text("storage")
                .global(type.substring(0, dot), type.substring(dot + 1))
                .text(key)
                .text("cpu")
                .number(elements)
                .ops("tQ");
    }

    PickleBytes tuple(long... values) {
        op('(');
        for (long value : values) {
            number(value);
        }
        return op('t');
    }

    /** A tensor of floats on a storage. */
    public PickleBytes tensor(String key, long elements, long offset, long[] size, long[] strides) {
        return global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("torch.FloatStorage", key, elements)
                .number(offset)
                .tuple(size)
                .tuple(strides)
                .op(0x89, '}', 't', 'R');
    }

    /** The end of the pickle. */
    public byte[] stop() {
        op('.');
        return out.toByteArray();
    }

    byte[] unfinished() {
        return out.toByteArray();
    }
}
