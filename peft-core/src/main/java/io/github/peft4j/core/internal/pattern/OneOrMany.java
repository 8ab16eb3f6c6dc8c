package io.github.peft4j.core.internal.pattern;

import java.util.List;

/**
 * What Hugging Face's configs hold as either one value or a list, and write as it was given.
 *
 * @param values the values, one if {@code single}
 * @param single whether it is written as one value and not as a list
 */
public record OneOrMany<T>(List<T> values, boolean single) {

    /** Copies the list and checks that a single value is one. */
    public OneOrMany {
        values = List.copyOf(values);
        if (single && values.size() != 1) {
            throw new IllegalArgumentException("a single value is one value, got " + values);
        }
    }

    /** One value. */
    public static <T> OneOrMany<T> one(T value) {
        return new OneOrMany<>(List.of(value), true);
    }

    /** A list, of one value too. */
    public static <T> OneOrMany<T> many(List<T> values) {
        return new OneOrMany<>(values, false);
    }

    /** The value in {@code adapter_config.json}. */
    public Object json() {
        return single ? values.get(0) : values;
    }
}
