package io.github.peft4j.models.internal.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as Python's {@code json.loads} does: NaN and Infinity are numbers, whole numbers have any size up to Python's 4,300 digits,
 * halves of surrogate pairs are characters, and of a key that stands twice the last value counts. A byte order mark is skipped.
 *
 * <p>Piece by piece, for what is large or must be seen as it stands in the text; {@link JsonTree} builds values:
 *
 * <pre>{@code
 * reader.beginObject();
 * for (String key; (key = reader.nextKey()) != null; ) {
 *     if (key.equals("weight_map")) { ... } else { reader.skip(); }
 * }
 * reader.end();
 * }</pre>
 *
 * <p>Every problem is a {@link JsonException} with its place. Not safe for concurrent use.
 */
public final class JsonReader {

    private static final int MOST_DIGITS = 4300;

    private final JsonInput input;
    private final JsonLimits limits;
    /** Whether the lists and objects that are open are objects, and whether something of them was read. */
    private boolean[] objects = new boolean[8];

    private boolean[] begun = new boolean[8];
    private int depth;

    private JsonReader(JsonInput input, JsonLimits limits) {
        this.input = input;
        this.limits = limits;
    }

    /** A reader of a text in UTF-8, which must not be changed meanwhile. */
    public static JsonReader of(byte[] utf8, JsonLimits limits) throws IOException {
        return begin(new JsonInput(utf8), limits);
    }

    /**
     * A reader of a value within a text in UTF-8 that was read before and must not be changed meanwhile; its messages count places from there.
     *
     * @param offset of the value
     */
    public static JsonReader at(byte[] utf8, int offset, JsonLimits limits) {
        return new JsonReader(new JsonInput(utf8, offset), limits);
    }

    /**
     * A reader of a stream in UTF-8 of any length; the limits are those of each value. It reads ahead, and closes nothing.
     *
     * @throws IOException if the stream fails
     */
    public static JsonReader of(InputStream utf8, JsonLimits limits) throws IOException {
        return begin(new JsonInput(utf8), limits);
    }

    private static JsonReader begin(JsonInput input, JsonLimits limits) throws IOException {
        input.takeMark();
        return new JsonReader(input, limits);
    }

    /** What kind of value comes next. */
    public JsonKind peek() throws IOException {
        int next = input.skipSpace();
        return switch (next) {
            case '{' -> JsonKind.OBJECT;
            case '[' -> JsonKind.LIST;
            case '"' -> JsonKind.TEXT;
            case 't', 'f' -> JsonKind.FLAG;
            case 'n' -> JsonKind.NULL;
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'N', 'I' -> JsonKind.NUMBER;
            default -> throw input.unexpected("a value");
        };
    }

    /** Whether nothing but white space comes. */
    public boolean atEnd() throws IOException {
        return input.skipSpace() < 0;
    }

    JsonLimits limits() {
        return limits;
    }

    /** Bytes of the text that were read: before the next value once {@link #peek} was called, behind the last one otherwise. */
    public long offset() {
        return input.offset();
    }

    /** The line of what comes next, from 1, once {@link #peek} was called. */
    public long line() {
        return input.line();
    }

    /**
     * Checks what comes next.
     *
     * @param what the value's name, for the message
     */
    public void expect(JsonKind kind, String what) throws IOException {
        JsonKind found = peek();
        if (found != kind) {
            throw input.bad(what + ": expected " + kind + ", found " + found);
        }
    }

    void expect(JsonKind kind) throws IOException {
        JsonKind found = peek();
        if (found != kind) {
            throw input.bad("expected " + kind + ", found " + found);
        }
    }

    private void open(JsonKind kind) throws IOException {
        expect(kind);
        if (depth == limits.depth()) {
            throw input.bad("lists and objects stand more than " + limits.depth() + " deep inside each other");
        }
        if (depth == objects.length) {
            objects = Arrays.copyOf(objects, 2 * depth);
            begun = Arrays.copyOf(begun, 2 * depth);
        }
        input.take();
        objects[depth] = kind == JsonKind.OBJECT;
        begun[depth++] = false;
    }

    /** Enters an object. */
    public void beginObject() throws IOException {
        open(JsonKind.OBJECT);
    }

    /** Enters a list. */
    public void beginList() throws IOException {
        open(JsonKind.LIST);
    }

    /** Whether something follows in the list or object that was entered last; leaves it if not. */
    private boolean more(boolean object) throws IOException {
        if (depth == 0 || objects[depth - 1] != object) {
            throw new IllegalStateException(object ? "no object is open" : "no list is open");
        }
        char close = object ? '}' : ']';
        int next = input.skipSpace();
        boolean first = !begun[depth - 1];
        if (next == close) {
            input.take();
            depth--;
            return false;
        }
        if (!first) {
            if (next != ',') {
                throw input.unexpected(", or " + close);
            }
            input.take();
            input.skipSpace();
        }
        begun[depth - 1] = true;
        return true;
    }

    /** Moves to the next element of the list; false, and out of the list, if there is none. */
    public boolean nextItem() throws IOException {
        return more(false);
    }

    /** Moves to the next key of the object and behind it; null, and out of the object, if there is none. */
    public @Nullable String nextKey() throws IOException {
        if (!more(true)) {
            return null;
        }
        if (input.peek() != '"') {
            throw input.unexpected("a key between quotation marks");
        }
        input.take();
        String key = JsonString.read(input, limits.bytes());
        if (input.skipSpace() != ':') {
            throw input.unexpected(": after a key");
        }
        input.take();
        return key;
    }

    /** A text. */
    public String text() throws IOException {
        expect(JsonKind.TEXT);
        input.take();
        return JsonString.read(input, limits.bytes());
    }

    /** A number: {@code Integer}, {@code Long} or {@code BigInteger} if it has neither point nor exponent, else {@code Double}. */
    public Number number() throws IOException {
        expect(JsonKind.NUMBER);
        return JsonNumber.read(input, MOST_DIGITS, limits.bytes());
    }

    /** True or false. */
    public boolean flag() throws IOException {
        expect(JsonKind.FLAG);
        boolean value = input.peek() == 't';
        input.word(value ? "true" : "false");
        return value;
    }

    /** Takes null. */
    public void nothing() throws IOException {
        expect(JsonKind.NULL);
        input.word("null");
    }

    /** Takes a value of any kind and forgets it. */
    public void skip() throws IOException {
        int outside = depth;
        do {
            if (depth > outside && !(objects[depth - 1] ? nextKey() != null : nextItem())) {
                continue;
            }
            switch (peek()) {
                case OBJECT -> beginObject();
                case LIST -> beginList();
                case TEXT -> text();
                case NUMBER -> number();
                case FLAG -> flag();
                case NULL -> nothing();
            }
        } while (depth > outside);
    }

    /** Reads what a text holds. */
    @FunctionalInterface
    public interface Content<T> {

        /** Reads it. */
        T read(JsonReader reader) throws IOException;
    }

    /** Reads what a text holds and checks that nothing follows. */
    public <T> T whole(Content<T> content) throws IOException {
        T read = content.read(this);
        end();
        return read;
    }

    /** Checks that nothing follows. */
    public void end() throws IOException {
        if (input.skipSpace() >= 0) {
            throw input.unexpected("nothing after the value");
        }
    }

    /** The problem that something else comes than what must: "expected a comma, found x". */
    public JsonException unexpected(String expected) throws IOException {
        return input.unexpected(expected);
    }

    /** A problem with what was read, at this place. */
    public JsonException problem(String problem) {
        return input.bad(problem);
    }
}
