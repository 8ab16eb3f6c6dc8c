package io.github.peft4j.training.data.arrow.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a stream, one after the other: what it consists of, then dictionaries and batches. A file of the format is a stream, too, between a
 * word at its beginning and a table of contents that is not needed. Bodies are left where they are.
 */
final class ArrowMessages {

    private static final byte[] WORD = "ARROW1".getBytes(StandardCharsets.US_ASCII);

    /** The word, filled up. */
    private static final int WORD_LENGTH = 8;

    private static final int CONTINUATION = -1;

    /** A batch of 4,096 columns has 300 KiB; dictionaries of categories lie in bodies. */
    private static final int LONGEST_HEADER = 16 << 20;

    private final FileChannel file;
    private final long size;
    private long next;

    /**
     * A message.
     *
     * @param header what it says, by the format's own classes
     * @param bodyStart where its body lies in the file
     */
    record Message(org.apache.arrow.flatbuf.Message header, long bodyStart, long bodyLength) {}

    /** Messages from the beginning of a file. */
    ArrowMessages(FileChannel file) throws IOException {
        this.file = file;
        this.size = file.size();
        byte[] start = new byte[(int) Math.min(WORD.length, size)];
        ColumnBytes.fill(file, ByteBuffer.wrap(start), 0);
        this.next = Arrays.equals(start, WORD) ? WORD_LENGTH : 0;
    }

    /**
     * The next message, or null at the end.
     *
     * @throws DamagedArrow if there is something else
     */
    @Nullable
    Message next() throws IOException {
        if (next == size) {
            return null;
        }
        int length = integer();
        if (length == CONTINUATION) {
            length = integer();
        }
        if (length == 0) {
            next = size;
            return null;
        }
        // Headers begin and end at multiples of eight bytes.
        if (length < 0 || length > Math.min(LONGEST_HEADER, size - next)) {
            throw new DamagedArrow("expected a message's header at byte " + next + ", found one of " + length
                    + " bytes of " + (size - next) + "; is it an Arrow file?");
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        ColumnBytes.fill(file, bytes, next);
        org.apache.arrow.flatbuf.Message header = org.apache.arrow.flatbuf.Message.getRootAsMessage(bytes.rewind());
        if (header.version() < MetadataVersion.V4 || header.version() > MetadataVersion.V5) {
            throw new DamagedArrow("its format is of version " + (header.version() + 1) + ", expected 4 or 5");
        }
        long body = next + length;
        if (header.bodyLength() < 0 || header.bodyLength() > size - body) {
            throw new DamagedArrow("a batch of " + header.bodyLength() + " bytes begins at byte " + body + ", but "
                    + (size - body) + " are left: the file was cut, or not written to its end");
        }
        next = body + header.bodyLength();
        return new Message(header, body, header.bodyLength());
    }

    private int integer() throws IOException {
        if (size - next < Integer.BYTES) {
            throw new DamagedArrow("it ends in the middle of a message, at byte " + size);
        }
        ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ColumnBytes.fill(file, word, next);
        next += Integer.BYTES;
        return word.getInt(0);
    }
}
