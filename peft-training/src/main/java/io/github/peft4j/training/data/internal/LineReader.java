package io.github.peft4j.training.data.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of bytes from a stream, one at a time, so that a file may be larger than memory. A line ends with a newline, a carriage return, or
 * both; a byte order mark stays where it is.
 */
public final class LineReader {

    private final Path file;
    private final InputStream in;
    private final int longest;
    private final byte[] buffer = new byte[1 << 16];
    private byte[] line = new byte[1 << 12];
    private int position;
    private int limit;
    private long number;
    private boolean afterReturn;

    /**
     * A reader.
     *
     * @param file for messages
     * @param longest bytes that a line may have
     */
    LineReader(Path file, InputStream in, int longest) {
        this.file = file;
        this.in = in;
        this.longest = longest;
    }

    /** The number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /**
     * Reads a line.
     *
     * @return its bytes, or null at the end
     * @throws DataException if a line is longer than it may be
     */
    byte @Nullable [] next() throws IOException {
        int size = 0;
        boolean any = false;
        while (position < limit || fill()) {
            if (afterReturn) {
                afterReturn = false;
                if (buffer[position] == '\n') {
                    position++;
                    continue;
                }
            }
            any = true;
            int end = position;
            while (end < limit && buffer[end] != '\n' && buffer[end] != '\r') {
                end++;
            }
            size = append(size, end - position);
            position = end;
            if (end < limit) {
                afterReturn = buffer[position++] == '\r';
                return line(size);
            }
        }
        return any ? line(size) : null;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, in.read(buffer));
        return limit > 0;
    }

    private int append(int size, int count) throws DataException {
        if (count > longest - size) {
            throw new DataException(file + ": line " + (number + 1) + " is longer than " + longest
                    + " bytes: expected one row in each line, or one list");
        }
        if (size + count > line.length) {
            line = Arrays.copyOf(line, Math.min(longest, Math.max(2 * line.length, size + count)));
        }
        System.arraycopy(buffer, position, line, size, count);
        return size + count;
    }

    private byte[] line(int size) {
        number++;
        return Arrays.copyOf(line, size);
    }
}
