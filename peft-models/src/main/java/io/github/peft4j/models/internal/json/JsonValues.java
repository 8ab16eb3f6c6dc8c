package io.github.peft4j.models.internal.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks into values of which it is not known what they are: what is not there, or of another kind, is empty, 0 or null. */
public final class JsonValues {

    private JsonValues() {}

    /** An object; one without keys if the value is none. */
    @SuppressWarnings("unchecked") // the keys of JSON are texts
    public static Map<String, @Nullable Object> object(@Nullable Object value) {
        return value instanceof Map ? (Map<String, @Nullable Object>) value : Map.of();
    }

    /** A list; one without items if the value is none. */
    @SuppressWarnings("unchecked") // items are values
    public static List<@Nullable Object> list(@Nullable Object value) {
        return value instanceof List ? (List<@Nullable Object>) value : List.of();
    }

    /** A text; an empty one if the value is none. */
    public static String text(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }

    /** A whole number of 32 bits; 0 if the value is none. */
    public static int whole(@Nullable Object value) {
        return value instanceof Integer number ? number : 0;
    }

    /** The value of a key of an object; null if it is not there, or the value is no object. */
    public static @Nullable Object at(@Nullable Object value, String key) {
        return value instanceof Map<?, ?> object ? object.get(key) : null;
    }
}
