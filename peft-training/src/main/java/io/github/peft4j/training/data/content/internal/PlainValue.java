package io.github.peft4j.training.data.content.internal;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a text stands for where all values of a row are text. What is asked for says how it is read, so that a text of digits stays text. */
public final class PlainValue {

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(32 << 20);

    private PlainValue() {}

    /** Null where it is empty, a list or an object where it is one of JSON, else itself. */
    public static @Nullable Object read(@Nullable Object value) {
        return read(value, "[{");
    }

    /** The same, or a number where it is one of JSON. */
    public static @Nullable Object readNumber(@Nullable Object value) {
        return read(value, "[{-0123456789");
    }

    private static @Nullable Object read(@Nullable Object value, String starts) {
        if (!(value instanceof String text) || text.isEmpty()) {
            return null;
        }
        String stripped = text.strip();
        if (stripped.isEmpty() || starts.indexOf(stripped.charAt(0)) < 0 || stripped.startsWith("-I")) {
            return text;
        }
        try {
            return JsonTree.parse(stripped.getBytes(StandardCharsets.UTF_8), LIMITS);
        } catch (JsonException e) {
            return text;
        }
    }
}
