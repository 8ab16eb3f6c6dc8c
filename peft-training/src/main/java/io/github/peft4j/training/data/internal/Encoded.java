package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a row of a file became.
 *
 * @param rows the row itself; or what is left of it where it was cut, in windows perhaps several; or none, where nothing is left to learn
 * @param length tokens of the longest of its texts before it was cut
 * @param lostWords words that the tokenizer makes no token of
 * @param blank what has no character but white space, or null if nothing that counts is so
 */
public record Encoded(
        List<Row> rows, int length, int lostWords, @Nullable String blank) {

    /** A row that may have been cut. */
    Encoded(Row row, int length) {
        this(List.of(row), length, 0, null);
    }

    /** The same, blank where a text is. */
    Encoded of(String name, String text) {
        return new Encoded(rows, length, lostWords, blank(name, text));
    }

    /** What is said of a text that has no character but white space; of others null. */
    static @Nullable String blank(String name, String text) {
        return text.isBlank() ? name + " is " + (text.isEmpty() ? "empty" : "blank") : null;
    }
}
