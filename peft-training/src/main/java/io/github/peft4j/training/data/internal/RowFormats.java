package io.github.peft4j.training.data.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The formats of rows that can be read. */
public final class RowFormats {

    private static final List<RowFormat> ALL = List.of(new JsonRows());

    private RowFormats() {}

    /** Whether a file's name says that it is in one of them. */
    static boolean name(Path file) {
        return ALL.stream().anyMatch(format -> format.names(file));
    }

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
        // A pipe or device may never end.
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + " is not a regular file");
        }
        for (RowFormat format : ALL) {
            if (format.names(file)) {
                return format;
            }
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        throw new DataException("cannot read " + file + ": files "
                + (dot > 0 ? "that end with " + name.substring(dot) : "without an ending")
                + " are not supported; expected one of "
                + ALL.stream().flatMap(format -> format.extensions().stream()).toList());
    }
}
