package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.training.data.RowSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
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
        try (Rows rows = new Rows(sources, 0, RowSource.Position.START)) {
            for (Placed row = rows.next(); row != null; row = rows.next()) {
                try {
                    T made = mapping.of(FileRow.of(row.item));
                    if (made != null) {
                        all.add(made);
                    }
                } catch (RowException e) {
                    problems.add(sources.get(row.source).name(), row.item.line(), e);
                }
            }
        }
        problems.throwIfAny();
        return all;
    }

    /**
     * A row and where it was.
     *
     * @param source the number of its source
     * @param item the row
     * @param after where its source goes on
     */
    public record Placed(int source, RowSource.Item item, RowSource.Position after) {

        /** About how many bytes it takes. */
        public long size() {
            return item.fields().values().stream()
                    .mapToLong(value -> value instanceof String text
                            ? text.length()
                            : value instanceof Collection<?> list ? 100L * list.size() : 16)
                    .sum();
        }
    }

    /** Rows of sources, one source after the other. Not safe for concurrent use. */
    public static final class Rows implements AutoCloseable {

        private final List<? extends RowSource> sources;
        private int at;
        private RowSource.Position from;
        private RowSource.@Nullable Cursor open;

        /**
         * Nothing is read yet.
         *
         * @param at the source to begin with
         * @param from where in it
         */
        public Rows(List<? extends RowSource> sources, int at, RowSource.Position from) {
            this.sources = sources;
            this.at = at;
            this.from = from;
        }

        /**
         * The next row, be it one that cannot be read.
         *
         * @return null at the end
         * @throws DataException if a source cannot be read
         */
        public @Nullable Placed next() throws DataException {
            while (at < sources.size()) {
                RowSource source = sources.get(at);
                try {
                    if (open == null) {
                        open = source.open(from);
                    }
                    RowSource.Item item = open.next();
                    if (item != null) {
                        return new Placed(at, item, open.position());
                    }
                } catch (IOException e) {
                    throw unreadable(source, e);
                }
                close();
                at++;
                from = RowSource.Position.START;
            }
            return null;
        }

        @Override
        public void close() {
            RowReader.close(open);
            open = null;
        }
    }

    /** Closes what was read, if it is open. */
    public static void close(RowSource.@Nullable Cursor rows) {
        if (rows != null) {
            try {
                rows.close();
            } catch (IOException e) {
                // Nothing was written, so nothing is lost.
            }
        }
    }

    /** What a source's failure is to users. */
    public static DataException unreadable(RowSource source, IOException e) {
        return e instanceof DataException known
                ? known
                : new DataException("cannot read " + source.name() + ": " + FileProblem.of(e), e);
    }
}
