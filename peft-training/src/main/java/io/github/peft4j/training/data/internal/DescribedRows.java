package io.github.peft4j.training.data.internal;

import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.util.List;

/** Rows of a source that says what each has, without reading them. */
public interface DescribedRows extends RowSource {

    /**
     * A column.
     *
     * @param type as {@code datasets} names it
     * @param classes the names behind its numbers, or those in its lists, in their order; empty where it has none
     */
    record Column(String name, String type, List<String> classes) {}

    /**
     * What each row has.
     *
     * @throws IOException if the source cannot be read
     */
    List<Column> columns() throws IOException;
}
