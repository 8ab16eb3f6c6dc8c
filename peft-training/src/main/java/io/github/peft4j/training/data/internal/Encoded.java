package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import java.util.List;

/**
 * What a row of a file became.
 *
 * @param rows the row itself; or what is left of it where it was cut, in windows perhaps several; or none, where nothing is left to learn
 * @param length tokens of the longest of its texts before it was cut
 * @param lostWords words that the tokenizer makes no token of
 */
record Encoded(List<Row> rows, int length, int lostWords) {

    /** A row that may have been cut. */
    Encoded(Row row, int length) {
        this(List.of(row), length, 0);
    }
}
