package io.github.peft4j.training.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of bytes from a stream, one at a time, so that a file may be larger than memory. A line ends with a newline, before which a
 * carriage return may stand; a byte order mark at the beginning is skipped.
 */
final class LineReader {

    /** A row of a million tokens has a tenth of it. */
    private static final int LONGEST = 1 << 28;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private byte[] line = new byte[1 << 12];
    private int position;
    private int limit;
    private long number;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /**
     * Reads a line.
     *
     * @return its bytes, or null at the end
     * @throws DataException if a line is longer than any row can be
     */
    byte @Nullable [] next() throws IOException {
        int size = 0;
        boolean any = false;
        while (true) {
            if (position == limit) {
                limit = in.read(buffer);
                position = 0;
                if (limit < 0) {
                    limit = 0;
                    return any ? line(size) : null;
                }
            }
            any = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            size = append(size, end - position);
            position = end;
            if (end < limit) {
                position++;
                return line(size);
            }
        }
    }

    private int append(int size, int count) throws DataException {
        if (count > LONGEST - size) {
            throw new DataException(
                    "line " + (number + 1) + " is longer than " + LONGEST + " bytes: this is no file of JSON Lines");
        }
        if (size + count > line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST, Math.max(2 * line.length, size + count)));
        }
        System.arraycopy(buffer, position, line, size, count);
        return size + count;
    }

    private byte[] line(int size) {
        number++;
        boolean mark =
                number == 1 && size >= 3 && line[0] == (byte) 0xef && line[1] == (byte) 0xbb && line[2] == (byte) 0xbf;
        int end = size > 0 && line[size - 1] == '\r' ? size - 1 : size;
        return Arrays.copyOfRange(line, mark ? 3 : 0, end);
    }
}
