package io.github.peft4j.training.data.columnar.internal;

import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.util.List;

/**
 * Rows of a source that knows how many there are, and what of, without reading them. The offset of a position is the number of rows before it, so that any
 * can be gone to.
 */
public interface NumberedRows extends RowSource {

    /**
     * A column.
     *
     * @param type as {@code datasets} names it
     * @param classes the names behind its numbers, or those in its lists, in their order; empty where it has none
     */
    record Column(String name, String type, List<String> classes) {}

    /**
     * How many rows there are.
     *
     * @throws IOException if the source cannot be read
     */
    long rows() throws IOException;

    /**
     * What each row has.
     *
     * @throws IOException if the source cannot be read
     */
    List<Column> columns() throws IOException;

    /** The place behind so many rows. */
    static Position behind(long rows) {
        return new Position(rows, rows);
    }
}
