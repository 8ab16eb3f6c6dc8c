package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A file format that holds rows. */
interface RowFormat {

    /** The formats that can be read. */
    List<RowFormat> ALL = List.of(new JsonLines());

    /** What takes the rows of a file. */
    interface RowConsumer {

        /**
         * Takes a row.
         *
         * @param line where it begins, from 1
         */
        void row(long line, ObjectNode fields);

        /** Takes a row that cannot be read. */
        void problem(long line, RowException problem);
    }

    /** The ends of names of files in this format, with the dot and in lower case. */
    List<String> extensions();

    /**
     * Reads a file from front to back.
     *
     * @throws IOException if the file cannot be read at all
     */
    void read(Path file, RowConsumer rows) throws IOException;

    /**
     * The format that a file's name says.
     *
     * @throws DataException if there is no such file, or files of this kind cannot be read
     */
    static RowFormat of(Path file) throws DataException {
        if (!Files.exists(file)) {
            throw new DataException("no data file at " + file);
        }
        if (Files.isDirectory(file)) {
            throw new DataException(file + " is a folder; expected a file of JSON Lines (.jsonl)");
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        for (RowFormat format : ALL) {
            if (format.extensions().stream().anyMatch(name::endsWith)) {
                return format;
            }
        }
        int dot = name.lastIndexOf('.');
        throw new DataException("cannot read " + file + ": files "
                + (dot > 0 ? "that end with " + name.substring(dot) : "without an ending")
                + " are not supported; expected one of "
                + ALL.stream().flatMap(format -> format.extensions().stream()).toList());
    }
}
