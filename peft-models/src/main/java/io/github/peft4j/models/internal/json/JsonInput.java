package io.github.peft4j.models.internal.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
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
            return new JsonException(problem, this);
        }
    }

    JsonInput(byte[] text) {
        this(text, 0);
    }

    /** The bytes of a text from one of them on. */
    JsonInput(byte[] text, int start) {
        this.more = null;
        this.buffer = text;
        this.position = start;
        this.lineStart = start;
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
                while (position < limit && buffer[position] == ' ') {
                    position++;
                }
                afterReturn = false;
            } else {
                afterReturn = false;
                return next;
            }
        }
    }

    /**
     * Takes the rest of a text if it is plain: valid, without escapes, and in memory as a whole.
     *
     * @param longest bytes that it may have
     * @return null if it is not; nothing is taken then
     */
    @Nullable
    String plainText(int longest) {
        int bits = 0;
        int behindFirst = 0;
        for (int i = position; i < limit && i - position <= longest; i++) {
            byte b = buffer[i];
            if (b == '"') {
                return plainText(i, bits < 0, behindFirst);
            }
            // Bytes beyond ASCII are negative.
            if ((b >= 0 && b < ' ') || b == '\\') {
                return null;
            }
            bits |= b;
            behindFirst += b < -0x40 ? 1 : 0;
        }
        return null;
    }

    private @Nullable String plainText(int end, boolean beyondAscii, int behindFirst) {
        Charset charset = beyondAscii ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        String text = new String(buffer, position, end - position, charset);
        // What stands for bytes that are no UTF-8, or for itself: whoever reads character by character can tell.
        if (beyondAscii && text.indexOf('\ufffd') >= 0) {
            return null;
        }
        position = end + 1;
        continued += behindFirst;
        return text;
    }

    /**
     * Takes a whole number if it is in memory, has neither sign nor more than nine digits, and does not begin with 0.
     *
     * @return -1 if it is not so; nothing is taken then
     */
    int plainNumber() {
        int value = 0;
        for (int i = position; i < limit && i - position <= 9; i++) {
            int digit = buffer[i] - '0';
            if (digit < 0 || digit > 9) {
                boolean goesOn = buffer[i] == '.' || buffer[i] == 'e' || buffer[i] == 'E';
                if (value == 0 || goesOn) {
                    return -1;
                }
                position = i;
                return value;
            }
            if (value == 0 && i > position) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return -1;
    }

    /** Takes a character of two bytes or more. */
    int codePoint() throws IOException {
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
    private String found() throws IOException {
        int next = peek();
        if (next < 0) {
            return "the end";
        } else if (isOfWord(next)) {
            return word();
        }
        return next < 0x80 ? shown(next) : shown(codePoint());
    }

    /** Takes letters and digits and what stands in numbers, as many as a message shows. */
    String word() throws IOException {
        StringBuilder word = new StringBuilder();
        for (int next = peek(); isOfWord(next); next = peek()) {
            if (word.length() == SHOWN) {
                return word.append("...").toString();
            }
            take();
            word.append((char) next);
        }
        return word.toString();
    }

    /** Takes a word, which must be this one. */
    void word(String expected) throws IOException {
        Place place = place();
        String found = word();
        if (!found.equals(expected)) {
            throw place.bad("expected a value, found " + found);
        }
    }

    private static boolean isOfWord(int c) {
        return c >= 0 && c < 0x80 && (Character.isLetterOrDigit(c) || "+-._".indexOf(c) >= 0);
    }

    /** A character as a message shows it. */
    static String shown(int codePoint) {
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
