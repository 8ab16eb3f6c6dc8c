package io.github.peft4j.core;

import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON text as Python's {@code json.dumps(value, indent=2, sort_keys=True)} writes it, so that a file written here differs in nothing from
 * one written there: floats in Python's shortest form, everything but ASCII escaped, no newline at the end.
 */
public final class PythonJson {

    private final StringBuilder out = new StringBuilder();
    private final boolean indented;

    private PythonJson(boolean indented) {
        this.indented = indented;
    }

    /** The text of a value: null, truth value, number, text, list or map with text keys. */
    public static String write(@Nullable Object value) {
        PythonJson json = new PythonJson(true);
        json.value(value, 0);
        return json.out.toString();
    }

    /** The same in one line, for messages. */
    public static String compact(@Nullable Object value) {
        PythonJson json = new PythonJson(false);
        json.value(value, 0);
        return json.out.toString();
    }

    private void value(@Nullable Object value, int depth) {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Number number) {
            out.append(number(number.doubleValue()));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(String.valueOf(key), item));
            items('{', '}', sorted.entrySet(), depth, entry -> {
                text(entry.getKey());
                out.append(": ");
                value(entry.getValue(), depth + 1);
            });
        } else if (value instanceof Collection<?> list) {
            items('[', ']', list, depth, item -> value(item, depth + 1));
        } else {
            text(String.valueOf(value));
        }
    }

    private <T> void items(
            char open, char close, Collection<T> items, int depth, java.util.function.Consumer<T> write) {
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
        for (char c : text.toCharArray()) {
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

    /** Python's {@code repr} of a float: the fewest digits that read back the same, {@code 1e-05}, {@code 0.05}, {@code 128.0}. */
    public static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        String shortest = "";
        for (int digits = 0; digits < 17; digits++) {
            shortest = String.format(Locale.ROOT, "%." + digits + "e", value);
            if (Double.parseDouble(shortest) == value) {
                break;
            }
        }
        return plainOrScientific(shortest);
    }

    private static String plainOrScientific(String scientific) {
        int e = scientific.indexOf('e');
        int exponent = Integer.parseInt(scientific.substring(e + 1));
        String sign = scientific.startsWith("-") ? "-" : "";
        String digits = scientific.substring(sign.length(), e).replace(".", "");
        if (exponent < -4 || exponent >= 16) {
            String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            return sign + mantissa + "e" + (exponent < 0 ? "-" : "+")
                    + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
        }
        if (exponent < 0) {
            return sign + "0." + "0".repeat(-exponent - 1) + digits;
        }
        if (digits.length() <= exponent + 1) {
            return sign + digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
        }
        return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
    }
}
