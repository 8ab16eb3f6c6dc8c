package io.github.peft4j.training.data.internal;

import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
    public static final String TRAIN = "train";

    /** What is trained on where nothing is said. */
    public static final SplitChoice USUAL = toTrain(null, null);

    /** What to train on. */
    public static SplitChoice toTrain(@Nullable String named, @Nullable String subset) {
        return new SplitChoice(named, List.of(TRAIN), subset);
    }

    /** What to evaluate on. */
    public static SplitChoice toEvaluate(@Nullable String named, @Nullable String subset) {
        return new SplitChoice(named, List.of("validation", "test"), subset);
    }

    /** Finds the rows of data sets; a service. */
    public interface Reader {

        /**
         * The rows of a file or folder that are meant.
         *
         * @param opener opens the files that it consists of
         * @throws IOException if there are no such rows, or it is not said which of several splits is meant
         */
        List<RowSource> rows(Path path, SplitChoice choice, Opener opener) throws IOException;
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
}
