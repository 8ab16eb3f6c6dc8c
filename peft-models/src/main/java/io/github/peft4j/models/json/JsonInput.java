package io.github.peft4j.models.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The bytes of a text, with the place in it. Lines end with a newline, a carriage return, or both. */
final class JsonInput {

    private static final int BUFFER = 1 << 16;

    /** Characters of a text that a message shows. */
    private static final int SHOWN = 24;

    private final @Nullable InputStream more;
    private byte[] buffer;
    private int position;
    private int limit;
    /** Bytes that were in the buffer earlier. */
    private long before;

    private long line = 1;
    private long lineStart;
    /** Bytes of this line that are not the first of their character. */
    private long continued;

    private boolean afterReturn;

    /** A place in the text. */
    record Place(long line, long column) {

        JsonException bad(String problem) {
            return new JsonException(problem, line, column);
        }
    }

    JsonInput(byte[] text) {
        this.more = null;
        this.buffer = text;
        this.limit = text.length;
    }

    JsonInput(InputStream text) {
        this.more = text;
        this.buffer = new byte[BUFFER];
    }

    /** The next byte, or -1 at the end. */
    int peek() throws IOException {
        return position < limit || fill() ? buffer[position] & 0xff : -1;
    }

    /** Takes the byte that {@link #peek} showed. */
    void take() {
        position++;
    }

    private boolean fill() throws IOException {
        if (more == null) {
            return false;
        }
        before += limit;
        position = 0;
        limit = Math.max(0, more.read(buffer));
        return limit > 0;
    }

    /** Bytes before the next one. */
    long offset() {
        return before + position;
    }

    long line() {
        return line;
    }

    /** Where the next byte stands. */
    Place place() {
        return new Place(line, offset() - lineStart - continued + 1);
    }

    /** Takes a byte order mark, if the text begins with one. */
    void takeMark() throws IOException {
        if (peek() == 0xef) {
            if (codePoint() != 0xfeff) {
                throw badUtf8(1);
            }
            lineStart = offset();
            continued = 0;
        }
    }

    /** Takes white space, and shows what follows. */
    int skipSpace() throws IOException {
        while (true) {
            int next = peek();
            if (next == '\n' || next == '\r') {
                take();
                line += next == '\n' && afterReturn ? 0 : 1;
                lineStart = offset();
                continued = 0;
                afterReturn = next == '\r';
            } else if (next == ' ' || next == '\t') {
                take();
                afterReturn = false;
            } else {
                afterReturn = false;
                return next;
            }
        }
    }

    /**
     * Takes the rest of a text after its first quotation mark.
     *
     * @param longest bytes that it may have
     */
    String text(int longest) throws IOException {
        for (int i = position; i < limit && i - position <= longest; i++) {
            byte b = buffer[i];
            if (b == '"') {
                String text = new String(buffer, position, i - position, StandardCharsets.ISO_8859_1);
                position = i + 1;
                return text;
            }
            // Bytes beyond ASCII are negative.
            if (b < ' ' || b == '\\') {
                break;
            }
        }
        StringBuilder text = new StringBuilder();
        long start = offset();
        while (true) {
            int next = peek();
            if (offset() - start > longest) {
                throw bad("a text is longer than " + longest + " bytes");
            }
            if (next == '"') {
                take();
                return text.toString();
            } else if (next == '\\') {
                take();
                text.append(escaped());
            } else if (next >= 0x80) {
                text.appendCodePoint(codePoint());
            } else if (next >= ' ') {
                take();
                text.append((char) next);
            } else if (next < 0) {
                throw bad("the end comes within a text: its closing quotation mark is missing");
            } else {
                throw bad("a text holds " + shown(next) + " as it is; JSON writes it "
                        + JsonWriter.PYTHON.write(String.valueOf((char) next)).replace("\"", ""));
            }
        }
    }

    private char escaped() throws IOException {
        int next = peek();
        switch (next) {
            case '"', '\\', '/' -> {
                take();
                return (char) next;
            }
            case 'b', 'f', 'n', 'r', 't' -> {
                take();
                return "\b\f\n\r\t".charAt("bfnrt".indexOf(next));
            }
            case 'u' -> {
                take();
                return hexadecimal();
            }
            default -> throw unexpected("one of \" \\ / b f n r t u after \\");
        }
    }

    private char hexadecimal() throws IOException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int next = peek();
            int digit = next < 0x80 ? Character.digit(next, 16) : -1;
            if (digit < 0) {
                throw unexpected("four hexadecimal digits after \\u");
            }
            take();
            value = (value << 4) | digit;
        }
        return (char) value;
    }

    /** Takes a character of two bytes or more. */
    private int codePoint() throws IOException {
        int first = peek();
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if (first < 0xc2 || first > 0xf4) {
            throw badUtf8(0);
        }
        take();
        int value = first & (0x7f >> length);
        for (int i = 1; i < length; i++) {
            int next = peek();
            if ((next & 0xc0) != 0x80) {
                throw badUtf8(1);
            }
            take();
            continued++;
            value = (value << 6) | (next & 0x3f);
        }
        int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        boolean surrogate = value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE;
        if (value < least || value > Character.MAX_CODE_POINT || surrogate) {
            throw badUtf8(1);
        }
        return value;
    }

    /**
     * The problem that a character is none.
     *
     * @param behind 1 if this place is one character behind it
     */
    private JsonException badUtf8(int behind) {
        Place place = place();
        return new Place(place.line(), place.column() - behind).bad("the text is not valid UTF-8");
    }

    JsonException bad(String problem) {
        return place().bad(problem);
    }

    /** The problem that something else comes than what must. */
    JsonException unexpected(String expected) throws IOException {
        Place place = place();
        return place.bad("expected " + expected + ", found " + found());
    }

    /** Takes what comes next, a word or a character, as a message names it. */
    String found() throws IOException {
        int next = peek();
        if (next < 0) {
            return "the end";
        }
        if (!isOfWord(next)) {
            return next < 0x80 ? shown(next) : shown(codePoint());
        }
        StringBuilder word = new StringBuilder();
        for (; isOfWord(next); next = peek()) {
            if (word.length() == SHOWN) {
                return word.append("...").toString();
            }
            take();
            word.append((char) next);
        }
        return word.toString();
    }

    private static boolean isOfWord(int c) {
        return c >= 0 && c < 0x80 && (Character.isLetterOrDigit(c) || "+-._".indexOf(c) >= 0);
    }

    private static String shown(int codePoint) {
        int type = Character.getType(codePoint);
        boolean visible = type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR
                && type != Character.UNASSIGNED
                && type != Character.PRIVATE_USE;
        return visible ? Character.toString(codePoint) : String.format(Locale.ROOT, "U+%04X", codePoint);
    }
}
