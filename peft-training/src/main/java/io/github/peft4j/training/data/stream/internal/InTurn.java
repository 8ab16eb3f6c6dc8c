package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowReader;
import org.jspecify.annotations.Nullable;

/** Reads sources one after the other. */
final class InTurn implements RowFeed.Cursor {

    private final RowReader.Rows rows;

    InTurn(RowFeed feed, RowFeed.Place from) {
        this.rows = rows(feed, 0, feed.sources().size(), from);
    }

    /**
     * The rows of some sources of a feed that are left.
     *
     * @param first the number of the first
     * @param end the number behind that of the last
     */
    static RowReader.Rows rows(RowFeed feed, int first, int end, RowFeed.Place from) {
        // Those before the last that rows came from have ended.
        int at = first;
        for (int i = first; i < end; i++) {
            if (!from.sources().get(i).position().equals(RowSource.Position.START)) {
                at = i;
            }
        }
        return new RowReader.Rows(
                feed.sources().subList(0, end), at, from.sources().get(at).position());
    }

    @Override
    public RowFeed.@Nullable Fed next() throws DataException {
        RowReader.Placed row = rows.next();
        return row == null ? null : new RowFeed.Fed(row, false);
    }

    @Override
    public void close() {
        rows.close();
    }
}
