package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowReader;
import org.jspecify.annotations.Nullable;

/** Reads sources one after the other. */
final class InTurn implements RowFeed.Cursor {

    private final RowReader.Rows rows;

    InTurn(RowFeed feed, RowFeed.Place from) {
        // Those before the last that rows came from have ended.
        int at = 0;
        for (int i = 0; i < from.sources().size(); i++) {
            if (!from.sources().get(i).position().equals(RowSource.Position.START)) {
                at = i;
            }
        }
        this.rows =
                new RowReader.Rows(feed.sources(), at, from.sources().get(at).position());
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
