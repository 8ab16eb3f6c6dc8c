package io.github.peft4j.training.data;

import java.util.List;

/**
 * What {@link ExampleReader} read.
 *
 * @param rows in the order of the files
 * @param report what there was
 */
public record Examples(List<Example> rows, DataReport report) {

    /** Keeps a list of its own. */
    public Examples {
        rows = List.copyOf(rows);
    }
}
