package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import java.util.List;

/** Micro-batches of rows that are not in memory: some of them tell what all are like, and the others are looked at before they are used. */
public interface LazyBatches extends BatchSource {

    /** As many rows, if there are, tell what all are like, and a stream from another. */
    int SAMPLE = 256;

    /** Looks at rows before they are used. */
    @FunctionalInterface
    interface Check {

        /** Lets all pass. */
        Check NONE = rows -> {};

        /**
         * Looks at rows.
         *
         * @throws IllegalArgumentException if one cannot be used
         */
        void of(List<Row> rows);

        /**
         * Looks at rows on the way, where it is the data that is found wanting.
         *
         * @throws DataException if one cannot be used
         */
        default void pass(List<Row> rows) throws DataException {
            try {
                of(rows);
            } catch (IllegalArgumentException e) {
                throw new DataException(String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** Some rows, at least one and at most {@link #SAMPLE}. */
    List<Row> firstRows();

    /** What there was, as far as rows have been read. */
    DataReport firstReport();

    /** Looks at all rows from now on before they are used. */
    LazyBatches check(Check of);

    @Override
    default boolean isLazy() {
        return true;
    }
}
