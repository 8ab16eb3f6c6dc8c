package io.github.peft4j.core;

import io.github.peft4j.core.internal.PythonFloat;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * JSON text as Python's {@code json.dumps(value, indent=2, sort_keys=True)} writes it, so that a file written here differs in nothing from
 * one written there: floats in Python's shortest form, everything but ASCII escaped, no newline at the end.
 */
public final class PythonJson {

    /** By code points, as Python compares text; Java's own order puts what lies beyond 16 bits too low. */
    private static final Comparator<String> BY_CODE_POINT = (one, other) -> {
        int[] a = one.codePoints().toArray();
        int[] b = other.codePoints().toArray();
        return java.util.Arrays.compare(a, b);
    };

    private final StringBuilder out = new StringBuilder();
    private final boolean indented;

    private PythonJson(boolean indented) {
        this.indented = indented;
    }

    /**
     * The text of a value: null, truth value, number, text, list or map with text keys.
     *
     * @throws IllegalArgumentException if it holds a number that JSON does not have, or anything else
     */
    public static String write(@Nullable Object value) {
        PythonJson json = new PythonJson(true);
        json.value(value, 0);
        return json.out.toString();
    }

    /**
     * The same in one line, for messages.
     *
     * @throws IllegalArgumentException as {@link #write}
     */
    public static String compact(@Nullable Object value) {
        PythonJson json = new PythonJson(false);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(@Nullable Object value, int depth) {
        if (value == null
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte
                || value instanceof BigInteger) {
            out.append(value);
        } else if (value instanceof Number number) {
            out.append(number(number.doubleValue()));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>(BY_CODE_POINT);
            map.forEach((key, item) -> sorted.put(String.valueOf(key), item));
            items('{', '}', sorted.entrySet(), depth, entry -> {
                text(entry.getKey());
                out.append(": ");
                value(entry.getValue(), depth + 1);
            });
        } else if (value instanceof Collection<?> list) {
            items('[', ']', list, depth, item -> value(item, depth + 1));
        } else if (value instanceof CharSequence text) {
            text(text.toString());
        } else {
            throw new IllegalArgumentException("expected null, a truth value, a number, text, a list or a map, got a "
                    + value.getClass().getName());
        }
    }

    private <T> void items(char open, char close, Collection<T> items, int depth, Consumer<T> write) {
        out.append(open);
        for (Iterator<T> each = items.iterator(); each.hasNext(); ) {
            line(depth + 1);
            write.accept(each.next());
            if (each.hasNext()) {
                out.append(indented ? "," : ", ");
            }
        }
        if (!items.isEmpty()) {
            line(depth);
        }
        out.append(close);
    }

    private void line(int depth) {
        if (indented) {
            out.append('\n').append("  ".repeat(depth));
        }
    }

    private void text(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || c > '~') {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /**
     * Python's {@code repr} of a float: the fewest digits that read back the same, {@code 1e-05}, {@code 0.05}, {@code 128.0}.
     *
     * @throws IllegalArgumentException if it is infinite or not a number, which JSON does not have
     */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("JSON has no number for " + value);
        }
        return PythonFloat.repr(value);
    }
}
