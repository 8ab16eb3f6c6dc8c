package io.github.peft4j.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Changes bytes without knowing what they mean: flips, numbers where lengths and offsets may stand, cuts, copies, truncation. */
final class BytesMutator implements Mutator {

    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        8,
        63,
        64,
        127,
        128,
        255,
        256,
        32767,
        65535,
        65536,
        100_000_001,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffff_ffffL,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 7
    };

    private static final int MOST_CHANGES = 4;

    private static final int LONGEST_COPY = 64;

    /** Changes happen among so many first bytes as often as anywhere: there are the headers. */
    private final int head;

    BytesMutator(int head) {
        this.head = head;
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        byte[] bytes = sample.clone();
        for (int i = Mutator.changes(MOST_CHANGES, random); i > 0 && bytes.length > 0; i--) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private byte[] once(byte[] bytes, SplittableRandom random) {
        int at = place(bytes.length, random);
        return switch (random.nextInt(9)) {
            case 0, 1 -> flipped(bytes, at, random);
            case 2 -> replaced(bytes, at, random);
            case 3, 4 -> numbered(bytes, at, random);
            case 5 -> Arrays.copyOf(bytes, at);
            case 6 -> cut(bytes, at, at + random.nextInt(LONGEST_COPY));
            case 7 -> inserted(bytes, place(bytes.length, random), copyOf(bytes, at, random));
            default -> overwritten(bytes, place(bytes.length, random), copyOf(bytes, at, random));
        };
    }

    private int place(int length, SplittableRandom random) {
        return random.nextInt(random.nextBoolean() ? Math.min(head, length) : length);
    }

    private static byte[] flipped(byte[] bytes, int at, SplittableRandom random) {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    private static byte[] replaced(byte[] bytes, int at, SplittableRandom random) {
        bytes[at] = (byte) random.nextInt(256);
        return bytes;
    }

    private static byte[] numbered(byte[] bytes, int at, SplittableRandom random) {
        long number =
                random.nextInt(4) == 0 ? bytes.length + random.nextInt(-8, 9) : NUMBERS[random.nextInt(NUMBERS.length)];
        ByteBuffer eight = ByteBuffer.allocate(Long.BYTES);
        eight.order(random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN)
                .putLong(number);
        int width = 1 << random.nextInt(4);
        int from = eight.order() == ByteOrder.BIG_ENDIAN ? Long.BYTES - width : 0;
        return overwritten(bytes, at, Arrays.copyOfRange(eight.array(), from, from + width));
    }

    private static byte[] copyOf(byte[] bytes, int at, SplittableRandom random) {
        return Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(LONGEST_COPY)));
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        int end = Math.min(to, bytes.length);
        byte[] out = Arrays.copyOf(bytes, bytes.length - (end - from));
        System.arraycopy(bytes, end, out, from, bytes.length - end);
        return out;
    }

    static byte[] inserted(byte[] bytes, int at, byte[] more) {
        byte[] out = Arrays.copyOf(bytes, bytes.length + more.length);
        System.arraycopy(more, 0, out, at, more.length);
        System.arraycopy(bytes, at, out, at + more.length, bytes.length - at);
        return out;
    }

    private static byte[] overwritten(byte[] bytes, int at, byte[] more) {
        System.arraycopy(more, 0, bytes, at, Math.min(more.length, bytes.length - at));
        return bytes;
    }
}
