package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.internal.DataReport;
import java.util.List;

/** Micro-batches of rows that are not in memory: some of them tell what all are like, and the others are looked at before they are used. */
public interface LazyBatches extends BatchSource {

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
    }

    /** Some rows, at least one. */
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
