package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowReader;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A part of a mix that is being read, with one row read ahead, so that its end is known with its last row. */
final class Opened {

    private final RowReader.Rows rows;
    private RowReader.@Nullable Placed ahead;

    /**
     * Begins to read.
     *
     * @param first the number of its first source
     * @param end the number behind that of its last
     * @throws DataException if it cannot be read, or has no row where it must have one
     */
    Opened(RowFeed feed, int first, int end, RowFeed.Place from) throws DataException {
        this.rows = InTurn.rows(feed, first, end, from);
        try {
            ahead = rows.next();
            if (ahead == null) {
                List<RowSource> part = feed.sources().subList(first, end);
                throw new DataException("no rows in "
                        + part.stream().map(RowSource::name).collect(Collectors.joining(", "))
                        + (from.sources().subList(first, end).stream()
                                        .allMatch(at -> at.position().equals(RowSource.Position.START))
                                ? ""
                                : " where reading is to go on")
                        + ": nothing can be drawn from it");
            }
        } catch (DataException e) {
            rows.close();
            throw e;
        }
    }

    /** The next row, of which there must be one. */
    RowFeed.Fed next() throws DataException {
        RowReader.Placed row = ahead;
        if (row == null) {
            throw new IllegalStateException("the part has ended");
        }
        ahead = rows.next();
        return new RowFeed.Fed(row, ahead == null);
    }

    void close() {
        rows.close();
    }
}
