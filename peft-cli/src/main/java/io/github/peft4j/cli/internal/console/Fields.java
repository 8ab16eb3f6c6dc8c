package io.github.peft4j.cli.internal.console;

import io.github.peft4j.models.internal.json.JsonQuoting;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One result: named values in the order in which they are shown, as a JSON object or as aligned lines. Values are null, truth values,
 * whole numbers, {@code Double}, text, and lists and maps of these.
 */
public final class Fields {

    private static final JsonWriter JSON = JsonWriter.PYTHON
            .separators(",", ":")
            .escaping(JsonQuoting.Escaping.LINE)
            .finite();

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    /** A result that begins with one value. */
    public static Fields of(String name, @Nullable Object value) {
        return new Fields().and(name, value);
    }

    /** Adds a value. */
    public Fields and(String name, @Nullable Object value) {
        values.put(name, value);
        return this;
    }

    /** All values by name. */
    public Map<String, @Nullable Object> values() {
        return Collections.unmodifiableMap(values);
    }

    /** A value. */
    @Nullable
    public Object get(String name) {
        return values.get(name);
    }

    /** One JSON object in one line; numbers are not rounded, and what JSON has no number for is null. */
    public String json() {
        return JSON.write(values);
    }

    /** A line for each value: its name in words and the value as people write it, all values in one column. Text is {@link Printable}. */
    public String lines() {
        int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(String.format(
                Locale.ROOT,
                "%-" + (width + 2) + "s%s%n",
                name.replace('_', ' '),
                value == null ? "-" : Printable.message(shown(value)))));
        return text.toString();
    }

    /** A value as people write it. */
    public static String shown(Object value) {
        if (value instanceof Integer || value instanceof Long) {
            return String.format(Locale.ROOT, "%,d", ((Number) value).longValue());
        }
        if (value instanceof Double number) {
            return decimal(number);
        }
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "none"
                    : String.join(" ", list.stream().map(String::valueOf).toList());
        }
        return String.valueOf(value);
    }

    /** Five digits that count, whatever the size. */
    static String decimal(double value) {
        double size = Math.abs(value);
        if (size == 0 || (size >= 0.001 && size < 10_000)) {
            int decimals = size == 0 ? 0 : Math.max(0, 4 - (int) Math.floor(Math.log10(size)));
            return String.format(Locale.ROOT, "%." + decimals + "f", value);
        }
        return size >= 10_000 && size < 1e15
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.3e", value);
    }

    /** A setting as people write it: {@code 2e-5}, {@code 0.01}. */
    static String plain(double value) {
        return Double.toString(value).replace("E", "e").replaceFirst("\\.0(?=e|$)", "");
    }
}
