package io.github.peft4j.training.data.internal;

import io.github.peft4j.training.data.RowSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A format of files that hold rows; a service. Whatever it needs is loaded when such a file is read. */
public interface RowFormat {

    /** The ends of names of files in this format, with the dot and in lower case. */
    List<String> extensions();

    /** What may follow these where a file is compressed, with the dot and in lower case. */
    default List<String> compressions() {
        return List.of();
    }

    /**
     * The rows of a file, which exists.
     *
     * @throws DataException if it cannot be read
     */
    RowSource source(Path file, RowSources.Options options) throws DataException;

    /** Whether a file's name says that it is in this format. */
    default boolean names(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return extensions().stream()
                .anyMatch(end ->
                        name.endsWith(end) || compressions().stream().anyMatch(packed -> name.endsWith(end + packed)));
    }
}
