package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads all rows of sources. Every row is read before any is used, and all that cannot be used are named in one message with file, line and reason. */
public final class RowReader {

    /** Makes something of a row. */
    @FunctionalInterface
    public interface Mapping<T> {

        /**
         * What a row is.
         *
         * @return null to leave the row out
         * @throws RowException if the row cannot be used
         * @throws CheckpointException if something of the checkpoint that rows need cannot be read
         */
        @Nullable
        T of(FileRow row) throws RowException, CheckpointException;
    }

    private RowReader() {}

    /**
     * Reads sources.
     *
     * @param sources in the order in which their rows are to come
     * @param mapping what becomes of each row
     * @throws DataException if one cannot be read or rows cannot be used
     * @throws CheckpointException from the mapping
     */
    public static <T> List<T> read(List<? extends RowSource> sources, Mapping<T> mapping)
            throws DataException, CheckpointException {
        Problems problems = new Problems();
        List<T> all = new ArrayList<>();
        for (RowSource source : sources) {
            try (RowSource.Cursor rows = source.open(null)) {
                for (RowSource.Item item = rows.next(); item != null; item = rows.next()) {
                    try {
                        T made = mapping.of(FileRow.of(item));
                        if (made != null) {
                            all.add(made);
                        }
                    } catch (RowException e) {
                        problems.add(source.name(), item.line(), e);
                    }
                }
            } catch (CheckpointException | DataException e) {
                throw e;
            } catch (IOException e) {
                throw new DataException("cannot read " + source.name() + ": " + FileProblem.of(e), e);
            }
        }
        problems.throwIfAny();
        return all;
    }
}
