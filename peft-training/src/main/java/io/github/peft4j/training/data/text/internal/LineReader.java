package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.internal.DataException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of bytes from a text, one at a time, so that a file may be larger than memory. A line ends with a newline, a carriage return, or
 * both; a byte order mark stays where it is.
 */
final class LineReader implements Closeable {

    private final String name;
    private final InputStream in;
    private final int longest;
    private final byte[] buffer = new byte[1 << 16];
    private byte[] line = new byte[1 << 12];
    private int at;
    private int limit;
    private long before;
    private long number;

    private LineReader(String name, InputStream in, int longest, Position from) {
        this.name = name;
        this.in = in;
        this.longest = longest;
        this.before = from.offset();
        this.number = from.line();
    }

    /**
     * Begins to read.
     *
     * @param from a place between two lines
     * @param longest bytes that a line may have
     */
    static LineReader open(TextFile text, Position from, int longest) throws IOException {
        return new LineReader(text.name(), text.from(from.offset()), longest, from);
    }

    /** Where the next line begins, and the number of the one that was read last, from 1. */
    Position position() {
        return new Position(before + at, number);
    }

    /** The length of the byte order mark that the line that was read last begins with; only the first can have one. */
    int mark(byte[] line) {
        return number == 1 ? Spaces.mark(line) : 0;
    }

    /**
     * The text of the line that was read last, without a byte order mark.
     *
     * @throws CharacterCodingException if it is not UTF-8
     */
    String decoded(byte[] line) throws CharacterCodingException {
        int mark = mark(line);
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(line, mark, line.length - mark))
                .toString();
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
        while (at < limit || fill()) {
            any = true;
            int end = at;
            while (end < limit && buffer[end] != '\n' && buffer[end] != '\r') {
                end++;
            }
            size = append(size, end - at);
            at = end;
            if (end < limit) {
                boolean afterReturn = buffer[at++] == '\r';
                if (afterReturn && (at < limit || fill()) && buffer[at] == '\n') {
                    at++;
                }
                return line(size);
            }
        }
        return any ? line(size) : null;
    }

    private boolean fill() throws IOException {
        before += limit;
        at = 0;
        limit = Math.max(0, in.read(buffer));
        return limit > 0;
    }

    private int append(int size, int count) throws DataException {
        if (count > longest - size) {
            throw new DataException(name + ": line " + (number + 1) + " is longer than " + longest
                    + " bytes: expected one row in each line, or one list");
        }
        if (size + count > line.length) {
            line = Arrays.copyOf(line, Math.min(longest, Math.max(2 * line.length, size + count)));
        }
        System.arraycopy(buffer, at, line, size, count);
        return size + count;
    }

    private byte[] line(int size) {
        number++;
        return Arrays.copyOf(line, size);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
