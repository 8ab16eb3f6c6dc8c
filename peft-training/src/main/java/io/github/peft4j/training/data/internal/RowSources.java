package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.FilePattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Opens what is called by a name, in all formats of rows that can be read. */
public final class RowSources {

    private static final List<RowFormat> FORMATS =
            ServiceLoader.load(RowFormat.class, RowFormat.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();

    private static final SplitChoice.Reader SPLITS = ServiceLoader.load(
                    SplitChoice.Reader.class, SplitChoice.Reader.class.getClassLoader())
            .findFirst()
            .orElseThrow();

    private RowSources() {}

    /**
     * How rows are read where a file does not say it.
     *
     * @param delimiter what separates the values of a line of CSV, or null for what the file's name says
     * @param columns names that rows have, by those that they get
     * @param split which rows of a folder, or a file
     */
    public record Options(@Nullable Character delimiter, Map<String, String> columns, SplitChoice split) {

        /** What the files say. */
        public static final Options DEFAULT = new Options(null, Map.of(), SplitChoice.USUAL);

        /** The same with other rows of folders. */
        public Options withSplit(SplitChoice other) {
            return new Options(delimiter, columns, other);
        }
    }

    /** Whether a file's name says that it holds rows, or it is a folder. */
    public static boolean names(Path file) {
        return Files.isDirectory(file) || FORMATS.stream().anyMatch(format -> format.names(file));
    }

    /** {@link #found(Path, Hub)} of each. */
    public static List<Path> found(List<Path> given, Hub hub) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : given) {
            found.add(found(each, hub));
        }
        return found;
    }

    /**
     * A data set's files by its name on a hub, where neither a file nor a folder of that name is there.
     *
     * @param given a path, {@code OWNER/NAME@REVISION}, {@code modelscope:OWNER/NAME} or {@code hf://datasets/OWNER/NAME/PATH}
     * @return what was given, unless it is the name of a data set: then its folder, or the file of it that was named
     * @throws IOException if the hub does not give it
     */
    public static Path found(Path given, Hub hub) throws IOException {
        // A path has one slash where an address has two.
        String text = given.toString().replace('\\', '/').replaceFirst("^hf:/+", "hf://");
        @Nullable HubName name = HubName.of(text);
        boolean address = text.startsWith("hf://");
        if (name == null || Files.exists(given) || !(address || (name.id().contains("/") && !names(given)))) {
            return given;
        }
        try {
            return hub.dataset(name, null);
        } catch (HubException.Refusal e) {
            throw new HubException.Refusal("no data at " + given + ", and on the hub: " + e.getMessage());
        }
    }

    /**
     * The rows of files and folders, in their order.
     *
     * @throws IOException as for one, or if a folder holds no rows of the kind
     */
    public static List<RowSource> of(List<Path> paths, Options options) throws IOException {
        List<RowSource> sources = new ArrayList<>();
        for (Path path : paths) {
            for (Path file : files(path)) {
                sources.addAll(SPLITS.rows(file, options.split(), each -> of(each, options)));
            }
        }
        return sources;
    }

    /**
     * The file or folder of this path; or, where it is a pattern, all files that it fits, in the order of their names.
     *
     * @throws DataException if it fits none
     */
    public static List<Path> files(Path path) throws DataException {
        try {
            List<Path> files = FilePattern.files(path);
            if (files.isEmpty()) {
                throw new DataException("no file fits " + path);
            }
            return files;
        } catch (DataException e) {
            throw e;
        } catch (IOException e) {
            throw new DataException("cannot look for " + path + ": " + FileProblem.of(e), e);
        }
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
                return format.source(file, options).withColumns(options.columns());
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
            throw new DataException(file + " is a folder; expected a file of rows");
        }
        // A pipe or device may never end.
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + " is not a regular file");
        }
    }
}
