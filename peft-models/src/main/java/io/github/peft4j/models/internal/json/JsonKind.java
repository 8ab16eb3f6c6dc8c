package io.github.peft4j.models.internal.json;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a JSON value can be. */
public enum JsonKind {
    OBJECT("an object"),
    LIST("a list"),
    TEXT("text"),
    NUMBER("a number"),
    FLAG("true or false"),
    NULL("null");

    /** Digits of a number that a message shows. */
    private static final int LONGEST_NUMBER = 40;

    private final String title;

    JsonKind(String title) {
        this.title = title;
    }

    /** How a message names it: "a list". */
    @Override
    public String toString() {
        return title;
    }

    /** How a message names a value that was read: "a list", "text", "the number 3", "null". */
    public static String described(@Nullable Object value) {
        if (value instanceof Map) {
            return OBJECT.title;
        } else if (value instanceof List) {
            return LIST.title;
        } else if (value instanceof String) {
            return TEXT.title;
        } else if (value instanceof Number) {
            String digits = JsonWriter.PYTHON.write(value);
            return digits.length() > LONGEST_NUMBER
                    ? "a number of " + digits.length() + " digits"
                    : "the number " + digits;
        }
        return String.valueOf(value);
    }
}
