package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import java.util.ArrayList;
import java.util.List;

/** Where a pass stands after the rows that were taken, however many have been read ahead of them. */
public final class Standing {

    private final List<RowFeed.Place.At> sources;
    private long drawn;

    /** Begins at a place. */
    public Standing(RowFeed.Place place) {
        this.sources = new ArrayList<>(place.sources());
        this.drawn = place.drawn();
    }

    /** A row was taken. */
    public void took(RowFeed.Fed fed) {
        drawn++;
        sources.set(
                fed.row().source(),
                fed.last()
                        ? new RowFeed.Place.At(RowSource.Position.START, true)
                        : new RowFeed.Place.At(
                                fed.row().after(),
                                sources.get(fed.row().source()).ended()));
    }

    /** Where another cursor goes on. */
    public RowFeed.Place place() {
        return new RowFeed.Place(drawn, sources);
    }
}
