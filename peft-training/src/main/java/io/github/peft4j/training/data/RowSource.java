package io.github.peft4j.training.data;

import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where rows come from: a file, or whatever a program of one's own takes them from. Rows are pulled one after the other, so that there may be more of
 * them than memory holds, and another cursor can go on where one stood.
 *
 * <p>A source is never changed by being read. The same rows come in the same order each time that it is opened.
 */
public interface RowSource {

    /** What messages call it: the file. */
    String name();

    /**
     * Begins to read. Several cursors may be open at once.
     *
     * @param from where a cursor of this source stood, or null to begin with the first row
     * @return what the caller closes
     * @throws IOException if it cannot be read
     */
    Cursor open(@Nullable Position from) throws IOException;

    /**
     * What tells this content from other content, by a look at its size and some of its bytes rather than at all of it: a run that was stopped is gone
     * on with only where it is the same.
     *
     * @throws IOException if it cannot be read
     */
    String fingerprint() throws IOException;

    /**
     * The same rows with some values by other names; the names that they had go.
     *
     * @param columns names that rows have, by those that they get; {@code a.b} is b of an object a. A name that no row has is an error when all rows
     *     were read
     */
    default RowSource withColumns(Map<String, String> columns) {
        return columns.isEmpty() ? this : new MappedColumns(this, columns);
    }

    /**
     * The rows of the file, or the folder of data, that a name is of; or of all files, in the order of their names, that a pattern fits: {@code *},
     * {@code ?}, {@code [abc]}, {@code {a,b}} and, for any number of folders, {@code **}; or, where there is neither, of a data set on a hub,
     * {@code OWNER/NAME} or {@code OWNER/NAME@REVISION}, which is downloaded if the local cache lacks it, unless {@code HF_HUB_OFFLINE} is set.
     *
     * @throws IOException if there is no such thing, or files of its kind cannot be read
     */
    static List<RowSource> named(String name) throws IOException {
        return RowSources.of(List.of(RowSources.found(Path.of(name), Hub.ofUser())), RowSources.Options.DEFAULT);
    }

    /**
     * The rows of a file, whose name says in what format it is.
     *
     * @throws IOException if there is no such file, or files of its kind cannot be read
     */
    static RowSource of(Path file) throws IOException {
        return RowSources.of(file, RowSources.Options.DEFAULT);
    }

    /** Reads rows, one after the other. Not safe for concurrent use. */
    interface Cursor extends Closeable {

        /**
         * The next row, be it one that cannot be read.
         *
         * @return null at the end
         * @throws IOException if nothing more can be read
         */
        @Nullable
        Item next() throws IOException;

        /** Where another cursor goes on with the row behind the last one. */
        Position position();
    }

    /**
     * A place between two rows.
     *
     * @param offset bytes or rows before it, as the source counts
     * @param line lines before it, for messages
     */
    record Position(long offset, long line) {

        /** Before the first row. */
        public static final Position START = new Position(0, 0);
    }

    /**
     * A row, or what stands in its place.
     *
     * @param line where it begins, from 1
     * @param fields values by name, in order: {@code String}, {@code Boolean}, {@code Integer}, {@code Long}, {@code java.math.BigInteger}, {@code Double},
     *     {@code List}, {@code Map} and null, as a reader of JSON builds them
     * @param problem why the row cannot be read, or null
     * @param plain whether all values are text, as in CSV, so that numbers and lists are still to be read where they are asked for
     */
    record Item(
            long line,
            Map<String, @Nullable Object> fields,
            @Nullable String problem,
            boolean plain) {

        /** A row whose values are what they are. */
        public static Item of(long line, Map<String, @Nullable Object> fields) {
            return new Item(line, fields, null, false);
        }

        /** A row whose values are text, whatever they stand for; an empty one is the same as null where no text is asked for. */
        public static Item ofText(long line, Map<String, @Nullable Object> fields) {
            return new Item(line, fields, null, true);
        }

        /** What cannot be read. */
        public static Item unreadable(long line, String problem) {
            return new Item(line, Map.of(), problem, false);
        }
    }
}
