package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.RowSource;
import java.util.ArrayList;
import java.util.List;

/** Where a pass stands after the rows that were taken, however many have been read ahead of them. */
public final class Standing {

    private final RowFeed feed;
    private final List<RowFeed.Place.At> sources;
    private long drawn;

    /** Begins at a place. */
    public Standing(RowFeed feed, RowFeed.Place place) {
        this.feed = feed;
        this.sources = new ArrayList<>(place.sources());
        this.drawn = place.drawn();
    }

    /** A row was taken. */
    public void took(RowFeed.Fed fed) {
        drawn++;
        int source = fed.row().source();
        sources.set(source, new RowFeed.Place.At(fed.row().after(), hasEnded(source)));
        Mix mix = feed.mix();
        if (fed.last() && mix != null) {
            int part = mix.partOf(source);
            // It may begin anew.
            for (int i = mix.first(part); i < mix.first(part + 1); i++) {
                sources.set(i, new RowFeed.Place.At(RowSource.Position.START, true));
            }
        }
    }

    /** Whether the part that a source is of has come to its end before, in this pass. */
    boolean hasEnded(int source) {
        return sources.get(source).ended();
    }

    long drawn() {
        return drawn;
    }

    /** Where another cursor goes on. */
    public RowFeed.Place place() {
        return new RowFeed.Place(drawn, sources);
    }
}
