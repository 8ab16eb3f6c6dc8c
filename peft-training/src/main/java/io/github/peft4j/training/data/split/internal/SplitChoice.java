package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a data set are meant.
 *
 * @param named a split, or slices of splits, as {@code datasets} writes them, or null
 * @param usual the splits that are meant where none is named, of which the first that there is counts; where there is none of them, the only one
 * @param subset which of several data sets that a published folder holds, or null
 */
public record SplitChoice(
        @Nullable String named,
        List<String> usual,
        @Nullable String subset) {

    /** The split that files are which say nothing else. */
    static final String TRAIN = "train";

    /** What to train on. */
    public static SplitChoice toTrain(@Nullable String named, @Nullable String subset) {
        return new SplitChoice(named, List.of(TRAIN), subset);
    }

    /** What to evaluate on. */
    public static SplitChoice toEvaluate(@Nullable String named, @Nullable String subset) {
        return new SplitChoice(named, List.of("validation", "test"), subset);
    }

    /** Opens a file of rows. */
    @FunctionalInterface
    public interface Opener {

        /**
         * Opens a file.
         *
         * @throws DataException if there is no such file, or files of its kind cannot be read
         */
        RowSource open(Path file) throws DataException;
    }

    /**
     * The rows of a file or folder that are meant.
     *
     * @throws IOException if there are no such rows, or it is not said which of several splits is meant
     */
    public List<RowSource> of(Path path, Opener opener) throws IOException {
        return Files.isDirectory(path)
                ? of(DataFolder.of(path, subset).splits(), path, opener)
                : of(Map.of(TRAIN, List.of(path)), path, opener);
    }

    /**
     * The rows of files that belong together, as those of a pattern of names.
     *
     * @param name for messages
     */
    public List<RowSource> of(List<Path> files, Path name, Opener opener) throws IOException {
        return of(Map.of(TRAIN, files), name, opener);
    }

    private List<RowSource> of(Map<String, List<Path>> splits, Path path, Opener opener) throws IOException {
        Map<String, List<RowSource>> open = new LinkedHashMap<>();
        List<RowSource> rows = new ArrayList<>();
        for (SplitPart part : parts(splits, path)) {
            List<Path> files = splits.get(part.name());
            if (files == null) {
                throw new DataException(
                        path + " has no split " + part.name() + ", but " + String.join(", ", splits.keySet()));
            }
            List<RowSource> whole = open.get(part.name());
            if (whole == null) {
                whole = new ArrayList<>();
                for (Path file : files) {
                    whole.add(opener.open(file));
                }
                open.put(part.name(), whole);
            }
            rows.addAll(SlicedRows.of(whole, part));
        }
        if (rows.isEmpty()) {
            throw new DataException(path + " has no rows in " + named);
        }
        return rows;
    }

    private List<SplitPart> parts(Map<String, List<Path>> splits, Path path) throws DataException {
        if (named != null) {
            return SplitPart.parse(named);
        }
        String found = usual.stream()
                .filter(splits::containsKey)
                .findFirst()
                .or(() -> splits.keySet().stream()
                        .filter(only -> splits.size() == 1)
                        .findFirst())
                .orElseThrow(() -> new DataException(
                        path + " has the splits " + String.join(", ", splits.keySet()) + ": say which is meant"));
        return List.of(new SplitPart(found, null, null, false, false));
    }
}
