package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The bytes of a pickle, and the budget of work that reading them may cost. Every read is checked against what is left, so that no
 * length in the file makes us reserve memory for bytes that are not there.
 */
final class PickleInput {

    /** The longest pickle read; those of the largest single checkpoint files have a few megabytes. */
    static final int MAX_BYTES = 1 << 26;

    /** Opcodes and copied elements; a tensor takes about 40, so this is room for 50000 tensors in one file. */
    private static final int MAX_STEPS = 2_000_000;

    private final Path path;
    private final ByteBuffer bytes;
    private final int end;
    private long steps;

    /** Reads {@code bytes} from its position to its limit; positions in messages count from the start of the buffer. */
    PickleInput(Path path, ByteBuffer bytes) {
        this.path = path;
        this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        this.end = bytes.limit();
    }

    Path path() {
        return path;
    }

    int position() {
        return bytes.position();
    }

    int unsignedByte() throws CheckpointException {
        require(1);
        return bytes.get() & 0xff;
    }

    int unsignedShort() throws CheckpointException {
        require(2);
        return bytes.getShort() & 0xffff;
    }

    int signedInt() throws CheckpointException {
        require(4);
        return bytes.getInt();
    }

    long unsignedInt() throws CheckpointException {
        return signedInt() & 0xffff_ffffL;
    }

    long signedLong() throws CheckpointException {
        require(8);
        return bytes.getLong();
    }

    byte[] bytes(long length) throws CheckpointException {
        require(length);
        byte[] out = new byte[(int) length];
        bytes.get(out);
        return out;
    }

    String utf8(long length) throws CheckpointException {
        int start = position();
        require(length);
        ByteBuffer text = bytes.slice(start, (int) length);
        bytes.position(start + (int) length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw damaged(start, "the text there is not valid UTF-8");
        }
    }

    /** Reads up to the next line end and past it. */
    String line() throws CheckpointException {
        int start = position();
        for (int i = start; i < end; i++) {
            if (bytes.get(i) == '\n') {
                String line = new String(bytes(i - start), StandardCharsets.ISO_8859_1);
                bytes.position(i + 1);
                return line;
            }
        }
        throw damaged(
                start, "it is truncated: expected a line end, found none in the " + (end - start) + " bytes left");
    }

    /** Counts work done, and stops the reading of a pickle that would take too much of it. */
    void charge(long count) throws CheckpointException {
        steps += count;
        if (steps > MAX_STEPS) {
            throw damaged(position(), "the pickle takes more than " + MAX_STEPS + " steps to read");
        }
    }

    CheckpointException damaged(int at, String problem) {
        return new CheckpointException(path + ": damaged pickle at byte " + at + ": " + problem);
    }

    CheckpointException refused(int at, String what, String why) {
        return new CheckpointException("refused " + what + " in " + path + " at byte " + at + ": " + why);
    }

    private void require(long length) throws CheckpointException {
        int left = end - bytes.position();
        if (length < 0 || length > left) {
            throw damaged(
                    position(),
                    "it is truncated: expected " + Long.toUnsignedString(length) + " more bytes, found " + left);
        }
    }
}
