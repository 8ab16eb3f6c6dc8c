package io.github.peft4j.training.data.arrow.internal;

import java.io.IOException;

/** Where each text or list of a column lies among the parts of all. */
interface Spans {

    /** Where one begins. */
    long start(long index) throws IOException;

    /** How many parts it has. */
    long length(long index) throws IOException;

    /**
     * How many parts one has, if they can be in memory.
     *
     * @throws DamagedArrow if there is no such number of parts
     */
    default int size(long index) throws IOException {
        long length = length(index);
        if (length < 0 || length > Integer.MAX_VALUE - 8) {
            throw new DamagedArrow("a text or list has " + length + " parts");
        }
        return (int) length;
    }

    /** From one offset to the next. */
    static Spans between(ColumnBytes offsets, boolean wide) {
        return new Spans() {
            @Override
            public long start(long index) throws IOException {
                return offset(offsets, wide, index);
            }

            @Override
            public long length(long index) throws IOException {
                return offset(offsets, wide, index + 1) - start(index);
            }
        };
    }

    /** By an offset and a length for each. */
    static Spans of(ColumnBytes offsets, ColumnBytes lengths, boolean wide) {
        return new Spans() {
            @Override
            public long start(long index) throws IOException {
                return offset(offsets, wide, index);
            }

            @Override
            public long length(long index) throws IOException {
                return offset(lengths, wide, index);
            }
        };
    }

    /** All of one length. */
    static Spans every(int length) {
        return new Spans() {
            @Override
            public long start(long index) {
                return Math.multiplyExact(index, (long) length);
            }

            @Override
            public long length(long index) {
                return length;
            }
        };
    }

    private static long offset(ColumnBytes numbers, boolean wide, long index) throws IOException {
        return wide ? numbers.int64(index) : numbers.int32(index);
    }
}
