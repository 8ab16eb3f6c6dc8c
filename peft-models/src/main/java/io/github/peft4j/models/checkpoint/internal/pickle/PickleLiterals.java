package io.github.peft4j.models.checkpoint.internal.pickle;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The opcodes of a pickle that stand for a number, a text, a truth value or None. */
final class PickleLiterals {

    /** The magic number of old PyTorch files has 10 bytes; nothing else in a checkpoint needs more than 8. */
    private static final int MAX_INTEGER_BYTES = 16;

    private static final Pattern DECIMAL = Pattern.compile("[-+]?\\d{1,30}");

    private static final int MAX_FLOAT_CHARACTERS = 64;

    private final PickleInput in;

    PickleLiterals(PickleInput in) {
        this.in = in;
    }

    /** Returns the value of an opcode that was just read, or null if it is none of these. */
    @Nullable
    Object read(int opcode) throws CheckpointException {
        return switch (opcode) {
            case 'N' -> PickleNone.NONE;
            case 0x88 -> true;
            case 0x89 -> false;
            case 'J' -> (long) in.signedInt();
            case 'K' -> (long) in.unsignedByte();
            case 'M' -> (long) in.unsignedShort();
            case 0x8a -> integer(in.unsignedByte());
            case 0x8b -> integer(in.unsignedInt());
            case 'G' -> ByteBuffer.wrap(in.bytes(8)).getDouble();
            case 'I' -> decimal();
            case 'L' -> decimal();
            case 'F' -> floating();
            case 'X' -> in.utf8(in.unsignedInt());
            case 0x8c -> in.utf8(in.unsignedByte());
            case 0x8d -> in.utf8(in.signedLong());
            // Python 2 wrote names as byte strings.
            case 'T' -> in.utf8(in.unsignedInt());
            case 'U' -> in.utf8(in.unsignedByte());
            case 'S' -> quoted();
            case 'V' -> escaped();
            default -> null;
        };
    }

    private Object integer(long length) throws CheckpointException {
        int start = in.position();
        if (length > MAX_INTEGER_BYTES) {
            throw in.damaged(start, "expected an integer of at most " + MAX_INTEGER_BYTES + " bytes, found " + length);
        }
        byte[] littleEndian = in.bytes(length);
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
        }
        return narrow(bigEndian.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian));
    }

    private Object decimal() throws CheckpointException {
        int start = in.position();
        String line = in.line();
        if (line.equals("00")) {
            return false;
        }
        if (line.equals("01")) {
            return true;
        }
        String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
        if (!DECIMAL.matcher(digits).matches()) {
            throw in.damaged(start, "expected an integer, found " + Printable.quoted(line));
        }
        return narrow(new BigInteger(digits));
    }

    private Object floating() throws CheckpointException {
        int start = in.position();
        String line = in.line();
        try {
            if (line.length() <= MAX_FLOAT_CHARACTERS) {
                return Double.valueOf(line);
            }
        } catch (NumberFormatException e) {
            // Python's inf and nan, or rubbish; a tensor needs none of them.
        }
        throw in.damaged(start, "expected a number, found " + Printable.quoted(line));
    }

    private String quoted() throws CheckpointException {
        int start = in.position();
        String line = in.line();
        int last = line.length() - 1;
        boolean plain = last >= 1
                && line.charAt(0) == line.charAt(last)
                && (line.charAt(0) == '\'' || line.charAt(0) == '"')
                && line.indexOf('\\') < 0;
        if (!plain) {
            throw in.damaged(start, "expected a plain quoted text, found " + Printable.quoted(line));
        }
        return line.substring(1, last);
    }

    /** Text in which the characters beyond Latin-1, the backslash and the line end stand as four or eight hexadecimal digits. */
    private String escaped() throws CheckpointException {
        int start = in.position();
        String line = in.line();
        StringBuilder out = new StringBuilder(line.length());
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean escape = c == '\\' && i + 1 < line.length() && (line.charAt(i + 1) | 0x20) == 'u';
            if (!escape) {
                out.append(c);
                continue;
            }
            int digits = line.charAt(i + 1) == 'u' ? 4 : 8;
            try {
                out.appendCodePoint(Integer.parseUnsignedInt(line.substring(i + 2, i + 2 + digits), 16));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw in.damaged(start, "expected a text, found the bad escape in " + Printable.quoted(line));
            }
            i += 1 + digits;
        }
        return out.toString();
    }

    private static Object narrow(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }
}
