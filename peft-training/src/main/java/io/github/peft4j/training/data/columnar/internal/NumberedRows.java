package io.github.peft4j.training.data.columnar.internal;

import io.github.peft4j.training.data.internal.DescribedRows;
import java.io.IOException;

/**
 * Rows of a source that knows how many there are without reading them. The offset of a position is the number of rows before it, so that any
 * can be gone to.
 */
public interface NumberedRows extends DescribedRows {

    /**
     * How many rows there are.
     *
     * @throws IOException if the source cannot be read
     */
    long rows() throws IOException;

    /** The place behind so many rows. */
    static Position behind(long rows) {
        return new Position(rows, rows);
    }
}
