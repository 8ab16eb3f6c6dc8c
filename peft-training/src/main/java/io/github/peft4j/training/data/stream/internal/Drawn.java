package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Draws rows from several sources. */
final class Drawn implements RowFeed.Cursor {

    private final RowFeed feed;
    private final Mix mix;
    private final long pass;
    private final List<RowSource.Position> positions = new ArrayList<>();
    private final List<Boolean> ended = new ArrayList<>();
    private final List<@Nullable Opened> opened;
    private long drawn;

    Drawn(RowFeed feed, Mix mix, long pass, RowFeed.Place from) {
        this.feed = feed;
        this.mix = mix;
        this.pass = pass;
        this.drawn = from.drawn();
        from.sources().forEach(at -> {
            positions.add(at.position());
            ended.add(at.ended());
        });
        this.opened = new ArrayList<>(Collections.nCopies(positions.size(), null));
    }

    @Override
    public RowFeed.@Nullable Fed next() throws DataException {
        if (mix.untilAll() ? !ended.contains(false) : ended.contains(true)) {
            return null;
        }
        int number = mix.draw(pass, drawn);
        Opened rows = opened.get(number);
        if (rows == null) {
            rows = new Opened(feed.sources().get(number), positions.get(number));
            opened.set(number, rows);
        }
        RowFeed.Fed fed = rows.next(number);
        drawn++;
        if (fed.last()) {
            rows.close();
            opened.set(number, null);
            positions.set(number, RowSource.Position.START);
            ended.set(number, true);
        }
        return fed;
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
