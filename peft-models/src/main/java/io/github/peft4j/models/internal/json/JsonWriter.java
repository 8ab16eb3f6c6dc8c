package io.github.peft4j.models.internal.json;

import io.github.peft4j.jinja.internal.rendering.PythonFloat;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes values as Python's {@code json.dumps} does, byte for byte: floats in their shortest form, NaN and Infinity as such, everything but
 * ASCII escaped unless told otherwise, no newline at the end. Values are null, truth values, numbers, texts, collections, {@code int[]}
 * and maps; keys that are no texts are written as texts, like Python's.
 *
 * @param indent what moves an item to the right in a line of its own; null for all in one line
 * @param sortsKeys whether keys stand in the order of their code points
 * @param writesFiniteOnly whether null is written for numbers that are not finite
 * @param escaping which characters are escaped
 * @param comma stands between items
 * @param colon stands between a key and its value
 * @param view turns values of a caller's own kinds into those that can be written
 */
public record JsonWriter(
        @Nullable String indent,
        boolean sortsKeys,
        boolean writesFiniteOnly,
        JsonQuoting.Escaping escaping,
        String comma,
        String colon,
        View view) {

    /** {@code json.dumps(value)}. */
    public static final JsonWriter PYTHON =
            new JsonWriter(null, false, false, JsonQuoting.Escaping.ASCII, ", ", ": ", (value, depth) -> value);

    /** {@code json.dumps(value, sort_keys=True)}: one line, for messages and comparisons. */
    public static final JsonWriter LINE = PYTHON.sorted();

    private static final JsonWriter MESSAGE = PYTHON.escaping(JsonQuoting.Escaping.LINE);

    /** {@code json.dumps(value, indent=2, sort_keys=True)}: how configs are saved. */
    public static final JsonWriter FILE = LINE.indented("  ");

    /** Characters of a value that a message shows. */
    private static final int SHOWN = 160;

    /** By code points, as Python compares text; Java's own order puts what lies beyond 16 bits too low. */
    private static final Comparator<String> BY_CODE_POINT =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());

    /** Turns values of a caller's own kinds into those that can be written. */
    @FunctionalInterface
    public interface View {

        /**
         * A value that can be written.
         *
         * @param value as the caller has it; never null
         * @param depth lists and maps around it
         */
        @Nullable
        Object plain(Object value, int depth);
    }

    /** The same with every item in a line of its own, moved to the right by this; Python's {@code indent}. */
    public JsonWriter indented(String by) {
        return new JsonWriter(by, sortsKeys, writesFiniteOnly, escaping, ",", colon, view);
    }

    /** The same with keys in the order of their code points; Python's {@code sort_keys}. */
    public JsonWriter sorted() {
        return new JsonWriter(indent, true, writesFiniteOnly, escaping, comma, colon, view);
    }

    /** The same with null for numbers that are not finite, which JSON itself does not have. */
    public JsonWriter finite() {
        return new JsonWriter(indent, sortsKeys, true, escaping, comma, colon, view);
    }

    /** The same with other characters escaped; Python's {@code ensure_ascii}. */
    public JsonWriter escaping(JsonQuoting.Escaping other) {
        return new JsonWriter(indent, sortsKeys, writesFiniteOnly, other, comma, colon, view);
    }

    /** The same with other text between items, and between a key and its value; Python's {@code separators}. */
    public JsonWriter separators(String betweenItems, String afterKey) {
        return new JsonWriter(indent, sortsKeys, writesFiniteOnly, escaping, betweenItems, afterKey, view);
    }

    /** The same for values of other kinds. */
    public JsonWriter viewing(View other) {
        return new JsonWriter(indent, sortsKeys, writesFiniteOnly, escaping, comma, colon, other);
    }

    /**
     * The text of a value.
     *
     * @throws IllegalArgumentException if it holds something that JSON has no form for
     */
    public String write(@Nullable Object value) {
        StringBuilder text = new StringBuilder();
        write(value, text::append);
        return text.toString();
    }

    /** A value as a message shows it: the beginning of its JSON. */
    public static String shown(@Nullable Object value) {
        StringBuilder start = new StringBuilder();
        MESSAGE.write(value, piece -> {
            if (start.length() <= SHOWN) {
                start.append(piece, 0, Math.min(piece.length(), SHOWN + 1));
            }
        });
        if (start.length() <= SHOWN) {
            return start.toString();
        }
        // Not between the two halves of a pair.
        int end = Character.isLowSurrogate(start.charAt(SHOWN)) ? SHOWN - 1 : SHOWN;
        return start.substring(0, end) + "...";
    }

    /**
     * Hands out the text of a value in pieces.
     *
     * @throws IllegalArgumentException if it holds something that JSON has no form for
     */
    public void write(@Nullable Object value, Consumer<String> out) {
        value(value, 0, out);
    }

    private void value(@Nullable Object given, int depth, Consumer<String> out) {
        Object value = given == null ? null : view.plain(given, depth);
        if (value instanceof Map<?, ?> map) {
            object(map, depth, out);
        } else if (value instanceof Collection<?> list) {
            list(list, depth, out);
        } else if (value instanceof int[] numbers) {
            list(Arrays.stream(numbers).boxed().toList(), depth, out);
        } else if (value instanceof CharSequence text) {
            quote(text, out);
        } else {
            out.accept(scalar(value));
        }
    }

    private String scalar(@Nullable Object value) {
        if (value == null
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte
                || value instanceof BigInteger) {
            return String.valueOf(value);
        } else if (value instanceof Number number) {
            double wide = number.doubleValue();
            return Double.isFinite(wide)
                    ? PythonFloat.repr(wide)
                    : writesFiniteOnly ? "null" : PythonFloat.notFinite(wide);
        }
        throw new IllegalArgumentException("expected null, a truth value, a number, text, a list or a map, got a "
                + value.getClass().getName());
    }

    private void quote(CharSequence text, Consumer<String> out) {
        StringBuilder quoted = new StringBuilder(text.length() + 2);
        JsonQuoting.quote(quoted, text, escaping);
        out.accept(quoted.toString());
    }

    private void object(Map<?, ?> map, int depth, Consumer<String> out) {
        Map<?, ?> entries = map;
        if (sortsKeys) {
            Map<String, @Nullable Object> inOrder = new TreeMap<>(BY_CODE_POINT);
            map.forEach((key, value) -> inOrder.put(key(key), value));
            entries = inOrder;
        }
        out.accept("{");
        boolean first = true;
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            begin(first, depth + 1, out);
            quote(key(entry.getKey()), out);
            out.accept(colon);
            value(entry.getValue(), depth + 1, out);
            first = false;
        }
        end(first, depth, "}", out);
    }

    private String key(@Nullable Object key) {
        return key instanceof CharSequence text ? text.toString() : scalar(key);
    }

    private void list(Collection<?> items, int depth, Consumer<String> out) {
        out.accept("[");
        boolean first = true;
        for (Object item : items) {
            begin(first, depth + 1, out);
            value(item, depth + 1, out);
            first = false;
        }
        end(first, depth, "]", out);
    }

    private void begin(boolean first, int depth, Consumer<String> out) {
        if (!first) {
            out.accept(comma);
        }
        line(depth, out);
    }

    private void end(boolean empty, int depth, String close, Consumer<String> out) {
        if (!empty) {
            line(depth, out);
        }
        out.accept(close);
    }

    private void line(int depth, Consumer<String> out) {
        if (indent != null) {
            out.accept("\n");
            for (int i = 0; i < depth; i++) {
                out.accept(indent);
            }
        }
    }
}
