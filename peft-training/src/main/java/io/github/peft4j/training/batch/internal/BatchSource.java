package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/**
 * Training data cut into micro-batches. The same place always holds the same micro-batch, so that a run can be resumed anywhere.
 */
public interface BatchSource extends AutoCloseable {

    /** The micro-batches of a pass that never ends. */
    long ENDLESS = Long.MAX_VALUE;

    /**
     * Micro-batches of a pass over the data, at least 1; passes may differ where batches are filled by tokens. {@link #ENDLESS} where nobody knows before the data
     * was read: passes over the data then follow each other in one that never ends.
     *
     * @param epoch passes before it
     */
    long batches(long epoch);

    /**
     * The micro-batch at a place.
     *
     * @param epoch passes before this one
     * @param index place within the pass
     * @throws IOException if data cannot be read, or rows cannot be used
     */
    MicroBatch batch(long epoch, long index) throws IOException;

    /** What tells this data from other data: a run is resumed only with the same. */
    String fingerprint();

    /**
     * What a later run needs, besides the place, to have a micro-batch without all those before it; as JSON. Most sources need nothing.
     *
     * @param index place in the first pass
     */
    default Map<String, Object> mark(long index) {
        return Map.of();
    }

    /**
     * Takes what another run's {@link #mark} told.
     *
     * @throws IllegalArgumentException if it cannot have
     */
    default void recall(Map<String, ?> mark) {}

    /** Whether rows come from elsewhere one by one, so that none can be looked at before it is needed. */
    default boolean isLazy() {
        return false;
    }

    /** Ends what goes on in the background. */
    @Override
    default void close() {}

    /**
     * Rows that go through the model at once.
     *
     * @param rows what is computed
     * @param numbers which rows of the data, or of a part of it, they are, from 0
     * @param tokens real tokens of the rows, without padding
     * @param name what messages call them
     */
    record MicroBatch(Batch rows, int[] numbers, long tokens, String name) {

        /** Rows without padding, called by their numbers: {@code rows [3, 17, 4]}. */
        public MicroBatch(Batch rows, int[] numbers) {
            this(rows, numbers, rows.tokens(), "rows " + Arrays.toString(numbers));
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

        @Override
        public String toString() {
            return name;
        }
    }
}
