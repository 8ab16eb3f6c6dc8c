package io.github.peft4j.training.data.arrow.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A buffer of a column: bytes of a file, of which the last page that was asked for is in memory, or bytes in memory. Nothing outside of it can be
 * read. Used by one thread.
 */
final class ColumnBytes {

    /** Rows are read in turn, so that a page serves many. */
    private static final int PAGE = 1 << 14;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final @Nullable FileChannel file;
    private final long start;
    private final long size;
    private ByteBuffer page;
    private long pageStart;

    private ColumnBytes(@Nullable FileChannel file, long start, long size, ByteBuffer page) {
        this.file = file;
        this.start = start;
        this.size = size;
        this.page = page;
    }

    /** Bytes of a file, which the caller has compared with its size. */
    static ColumnBytes of(FileChannel file, long start, long size) {
        return new ColumnBytes(file, start, size, NOTHING);
    }

    /** Bytes in memory. */
    static ColumnBytes of(byte[] bytes) {
        return new ColumnBytes(null, 0, bytes.length, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** All but the first bytes of a file's. */
    ColumnBytes from(int offset) {
        return new ColumnBytes(file, start + offset, size - offset, NOTHING);
    }

    long size() {
        return size;
    }

    /** Makes a value's bytes part of the page, which may be another one then, and says where they begin in it. */
    private int at(long index, int width) throws IOException {
        if (index < 0 || index > size / width - 1) {
            throw new DamagedArrow("value " + index + " of " + width + " bytes is asked of a buffer of " + size);
        }
        long offset = index * width;
        if (offset < pageStart || offset + width > pageStart + page.limit()) {
            turn(offset / PAGE * PAGE);
        }
        return (int) (offset - pageStart);
    }

    private void turn(long to) throws IOException {
        if (file == null) {
            throw new IllegalStateException("bytes in memory are one page");
        }
        int length = (int) Math.min(PAGE, size - to);
        if (page.capacity() < length) {
            page = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        }
        page.clear().limit(length);
        fill(file, page, start + to);
        page.rewind();
        pageStart = to;
    }

    /**
     * Reads until a buffer is full.
     *
     * @throws DamagedArrow if the file ends before
     */
    static void fill(FileChannel file, ByteBuffer buffer, long from) throws IOException {
        for (long at = from; buffer.hasRemaining(); ) {
            int read = file.read(buffer, at);
            if (read < 0) {
                throw new DamagedArrow("the file ends at byte " + at + ", " + buffer.remaining() + " bytes too early");
            }
            at += read;
        }
    }

    byte int8(long index) throws IOException {
        int place = at(index, Byte.BYTES);
        return page.get(place);
    }

    short int16(long index) throws IOException {
        int place = at(index, Short.BYTES);
        return page.getShort(place);
    }

    int int32(long index) throws IOException {
        int place = at(index, Integer.BYTES);
        return page.getInt(place);
    }

    long int64(long index) throws IOException {
        int place = at(index, Long.BYTES);
        return page.getLong(place);
    }

    boolean bit(long index) throws IOException {
        return (int8(index >> 3) >> (index & 7) & 1) != 0;
    }

    /** A copy of some bytes. */
    byte[] bytes(long offset, int length) throws IOException {
        if (offset < 0 || length < 0 || length > size - offset) {
            throw new DamagedArrow(
                    "bytes " + offset + " to " + (offset + length) + " are asked of a buffer of " + size);
        }
        byte[] copy = new byte[length];
        if (file == null) {
            page.get((int) offset, copy);
        } else if (length > PAGE) {
            fill(file, ByteBuffer.wrap(copy), start + offset);
        } else {
            for (int done = 0; done < length; ) {
                int from = at(offset + done, Byte.BYTES);
                int part = Math.min(length - done, page.limit() - from);
                page.get(from, copy, done, part);
                done += part;
            }
        }
        return copy;
    }
}
