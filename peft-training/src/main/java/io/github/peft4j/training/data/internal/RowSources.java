package io.github.peft4j.training.data.internal;

import io.github.peft4j.training.data.RowSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens what is called by a name, in all formats of rows that can be read. */
public final class RowSources {

    private static final List<RowFormat> FORMATS =
            ServiceLoader.load(RowFormat.class, RowFormat.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    private RowSources() {}

    /**
     * How rows are read where a file does not say it.
     *
     * @param delimiter what separates the values of a line of CSV, or null for what the file's name says
     */
    public record Options(@Nullable Character delimiter) {

        /** What the files say. */
        public static final Options DEFAULT = new Options((Character) null);
    }

    /** Whether a file's name says that it holds rows. */
    public static boolean names(Path file) {
        return FORMATS.stream().anyMatch(format -> format.names(file));
    }

    /**
     * The rows of files, in their order.
     *
     * @throws DataException as for one
     */
    public static List<RowSource> of(List<Path> files, Options options) throws DataException {
        List<RowSource> sources = new ArrayList<>();
        for (Path file : files) {
            sources.add(of(file, options));
        }
        return sources;
    }

    /**
     * The rows of a file, in the format that its name says.
     *
     * @throws DataException if there is no such file, or files of this kind cannot be read
     */
    public static RowSource of(Path file, Options options) throws DataException {
        requireRegular(file);
        for (RowFormat format : FORMATS) {
            if (format.names(file)) {
                return format.source(file, options);
            }
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        int dot = name.lastIndexOf('.');
        throw new DataException("cannot read " + file + ": files "
                + (dot > 0 ? "that end with " + name.substring(dot) : "without an ending")
                + " are not supported; expected one of "
                + FORMATS.stream()
                        .flatMap(format -> format.extensions().stream())
                        .toList()
                + ", the text ones perhaps with "
                + FORMATS.stream()
                        .flatMap(format -> format.compressions().stream())
                        .distinct()
                        .collect(Collectors.joining(" or "))
                + " behind it");
    }

    /**
     * Checks that there is a file.
     *
     * @throws DataException if there is none, or something else
     */
    public static void requireRegular(Path file) throws DataException {
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
    }
}
