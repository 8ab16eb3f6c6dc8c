package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A source that is being read, with one row read ahead, so that its end is known with its last row. */
final class Opened {

    private final RowSource source;
    private final RowSource.Cursor rows;
    private RowSource.@Nullable Item ahead;

    /**
     * Begins to read.
     *
     * @throws DataException if it cannot be read, or has no row where it must have one
     */
    Opened(RowSource source, RowSource.Position from) throws DataException {
        this.source = source;
        try {
            this.rows = source.open(from);
        } catch (IOException e) {
            throw RowReader.unreadable(source, e);
        }
        try {
            read();
        } catch (DataException e) {
            RowReader.close(rows);
            throw e;
        }
        if (ahead == null) {
            RowReader.close(rows);
            throw new DataException("no rows in " + source.name()
                    + (from.equals(RowSource.Position.START) ? "" : " after line " + from.line())
                    + ": nothing can be drawn from it");
        }
    }

    private void read() throws DataException {
        try {
            ahead = rows.next();
        } catch (IOException e) {
            throw RowReader.unreadable(source, e);
        }
    }

    /** The next row, of which there must be one. */
    RowFeed.Fed next(int number) throws DataException {
        RowSource.Item item = ahead;
        if (item == null) {
            throw new IllegalStateException(source.name() + " has ended");
        }
        RowSource.Position position = rows.position();
        read();
        return new RowFeed.Fed(new RowReader.Placed(number, item, position), ahead == null);
    }

    void close() {
        RowReader.close(rows);
    }
}
