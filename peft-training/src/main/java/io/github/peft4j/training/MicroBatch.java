package io.github.peft4j.training;

import io.github.peft4j.models.LabelledRows;
import java.util.Arrays;

/**
 * Rows that go through the model at once.
 *
 * @param rows ids and labels
 * @param numbers which rows of the data they are, from 0, for messages
 * @param tokens real tokens of the rows, without padding
 */
public record MicroBatch(LabelledRows rows, int[] numbers, long tokens) {

    /** Rows without padding. */
    public MicroBatch(LabelledRows rows, int[] numbers) {
        this(rows, numbers, rows.tokens());
    }

    /** Checks that every row has a number. */
    public MicroBatch {
        if (rows.tokenIds().isEmpty() || rows.tokenIds().size() != numbers.length) {
            throw new IllegalArgumentException("a micro-batch needs at least one row and a number for each, got "
                    + rows.tokenIds().size() + " rows and " + numbers.length + " numbers");
        }
        numbers = numbers.clone();
    }

    @Override
    public int[] numbers() {
        return numbers.clone();
    }

    /** For example {@code rows [3, 17, 4]}. */
    @Override
    public String toString() {
        return "rows " + Arrays.toString(numbers);
    }
}
