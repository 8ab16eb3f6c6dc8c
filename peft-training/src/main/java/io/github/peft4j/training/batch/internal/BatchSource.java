package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import java.util.Arrays;

/**
 * Training data cut into micro-batches. The same place always holds the same micro-batch, so that a run can be resumed anywhere.
 */
public interface BatchSource {

    /** Micro-batches of one pass over the data, at least 1. */
    long batchesPerEpoch();

    /**
     * The micro-batch at a place.
     *
     * @param epoch passes before this one
     * @param index place within the pass
     */
    MicroBatch batch(long epoch, long index);

    /** What tells this data from other data: a run is resumed only with the same. */
    String fingerprint();

    /**
     * Rows that go through the model at once.
     *
     * @param rows what is computed
     * @param numbers which rows of the data they are, from 0, for messages
     * @param tokens real tokens of the rows, without padding
     */
    record MicroBatch(Batch rows, int[] numbers, long tokens) {

        /** Rows without padding. */
        public MicroBatch(Batch rows, int[] numbers) {
            this(rows, numbers, rows.tokens());
        }

        /** Checks that every row has a number. */
        public MicroBatch {
            if (rows.rows().isEmpty() || rows.rows().size() != numbers.length) {
                throw new IllegalArgumentException("a micro-batch needs at least one row and a number for each, got "
                        + rows.rows().size() + " rows and " + numbers.length + " numbers");
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
}
