package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.internal.DataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Draws rows from several parts, of each the rows of its sources one source after the other. */
final class Drawn implements RowFeed.Cursor {

    private final RowFeed feed;
    private final Mix mix;
    private final long pass;
    private final Standing standing;
    private final List<@Nullable Opened> opened;

    Drawn(RowFeed feed, Mix mix, long pass, RowFeed.Place from) {
        this.feed = feed;
        this.mix = mix;
        this.pass = pass;
        this.standing = new Standing(feed, from);
        this.opened = new ArrayList<>(Collections.nCopies(mix.parts().size(), null));
    }

    @Override
    public RowFeed.@Nullable Fed next() throws DataException {
        IntStream parts = IntStream.range(0, opened.size());
        if (mix.untilAll() ? parts.allMatch(this::hasEnded) : parts.anyMatch(this::hasEnded)) {
            return null;
        }
        int number = mix.draw(pass, standing.drawn());
        Opened rows = opened.get(number);
        if (rows == null) {
            rows = new Opened(feed, mix.first(number), mix.first(number + 1), standing.place());
            opened.set(number, rows);
        }
        RowFeed.Fed fed = rows.next();
        standing.took(fed);
        if (fed.last()) {
            rows.close();
            opened.set(number, null);
        }
        return fed;
    }

    private boolean hasEnded(int part) {
        return standing.hasEnded(mix.first(part));
    }

    @Override
    public void close() {
        for (Opened each : opened) {
            if (each != null) {
                each.close();
            }
        }
    }
}
