package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A file format that holds rows. */
public interface RowFormat {

    /** What takes the rows of a file. */
    interface RowConsumer {

        /**
         * Takes a row.
         *
         * @param line where it begins, from 1
         * @throws CheckpointException if something of the checkpoint that rows need cannot be read
         * @throws DataException if there were too many that cannot be used
         */
        void row(long line, FileRow row) throws CheckpointException, DataException;

        /**
         * Takes a row that cannot be read.
         *
         * @throws DataException if there were too many
         */
        void problem(long line, RowException problem) throws DataException;
    }

    /** The ends of names of files in this format, with the dot and in lower case. */
    List<String> extensions();

    /**
     * Reads a file from front to back.
     *
     * @throws IOException if the file cannot be read at all, or from the consumer
     */
    void read(Path file, RowConsumer rows) throws IOException;

    /** Whether a file's name says that it is in this format. */
    default boolean names(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return extensions().stream().anyMatch(name::endsWith);
    }
}
