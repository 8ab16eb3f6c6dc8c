package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.internal.RowReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several sources as one sequence of rows: one after the other, or drawn by weights from parts that have one or more of them. Any cursor can go on where another stood.
 *
 * @param sources at least one
 * @param mix how they are drawn, or null to take one after the other
 */
public record RowFeed(List<RowSource> sources, @Nullable Mix mix) {

    /**
     * Checks that parts have all sources.
     *
     * @throws IllegalArgumentException if they have not, or there is no source
     */
    public RowFeed {
        sources = List.copyOf(sources);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to read rows from");
        }
        if (mix != null && mix.first(mix.parts().size()) != sources.size()) {
            throw new IllegalArgumentException("a mix needs a weight for each of " + sources.size()
                    + " sources, or parts that have as many together; got " + mix.parts());
        }
    }

    /** Sources one after the other. */
    public static RowFeed inTurn(List<? extends RowSource> sources) {
        return new RowFeed(List.copyOf(sources), null);
    }

    /**
     * Sources one after the other; or drawn from parts of them, if there are any.
     *
     * @param seed decides the order in which they are drawn
     * @param untilAll whether a pass over parts ends when all have come to their end
     */
    public static RowFeed of(List<RowSource> sources, List<Dataset.Streamed.Part> parts, long seed, boolean untilAll) {
        return new RowFeed(sources, parts.isEmpty() ? null : new Mix(parts, seed, untilAll));
    }

    /** What messages call it. */
    public String name() {
        return String.join(", ", sources.stream().map(RowSource::name).toList());
    }

    /**
     * What tells this content, and its order, from others.
     *
     * @throws IOException if a source cannot be read
     */
    public String fingerprint() throws IOException {
        List<String> parts = new ArrayList<>();
        for (RowSource source : sources) {
            parts.add(source.fingerprint());
        }
        if (mix != null) {
            parts.add(mix.toString());
        }
        return String.join("; ", parts);
    }

    /**
     * Begins a pass, or goes on with one.
     *
     * @param pass passes before it, on which the order of what is mixed depends
     * @param from where to go on
     * @throws DataException if a source cannot be read
     */
    public Cursor open(long pass, Place from) throws DataException {
        return mix == null ? new InTurn(this, from) : new Drawn(this, mix, pass, from);
    }

    /**
     * Reads the first pass into memory.
     *
     * @throws DataException if a source cannot be read, rows cannot be used, or none is left
     * @throws io.github.peft4j.models.checkpoint.CheckpointException if something of the checkpoint that rows need cannot be read
     */
    public Dataset read(EncodingOptions options) throws IOException {
        List<Row> all = new ArrayList<>();
        DataReport report = read(options, all::add);
        return new Dataset(all, report);
    }

    /**
     * Reads the first pass; as {@link #read(EncodingOptions)}.
     *
     * @param sink takes the rows; they count only if this ends well
     * @throws IOException also from the sink
     */
    public DataReport read(EncodingOptions options, RowCollector.Sink sink) throws IOException {
        try (Cursor rows = open(0, start())) {
            return new RowCollector(options)
                    .read(
                            sources,
                            () -> {
                                Fed fed = rows.next();
                                return fed == null ? null : fed.row();
                            },
                            sink);
        }
    }

    /** Reads rows of a pass. Not safe for concurrent use. */
    public interface Cursor extends AutoCloseable {

        /**
         * The next row, be it one that cannot be read.
         *
         * @return null at the end of the pass
         * @throws DataException if a source cannot be read
         */
        @Nullable
        Fed next() throws DataException;

        @Override
        void close();
    }

    /**
     * A row and where it came from.
     *
     * @param row the row
     * @param last whether it is the last of its part of a mix
     */
    public record Fed(RowReader.Placed row, boolean last) {

        /** The same without its values, which take memory. */
        public Fed withoutFields() {
            RowSource.Item bare = RowSource.Item.of(row.item().line(), Map.of());
            return new Fed(new RowReader.Placed(row.source(), bare, row.after()), last);
        }
    }

    /**
     * A place within a pass.
     *
     * @param drawn rows before it
     * @param sources where each source stands
     */
    public record Place(long drawn, List<At> sources) {

        /** Where a source stands, and whether its part of a mix has come to its end, which it may do more than once. */
        public record At(RowSource.Position position, boolean ended) {}

        /** Keeps a list of its own. */
        public Place {
            sources = List.copyOf(sources);
        }
    }

    /** Before the first row of a pass. */
    public Place start() {
        return new Place(
                0,
                sources.stream()
                        .map(source -> new Place.At(RowSource.Position.START, false))
                        .toList());
    }

    /**
     * Checks a place that was read from a file.
     *
     * @throws IllegalArgumentException if no cursor of this feed has stood there
     */
    public Place requireMine(Place place) {
        boolean sane = place.drawn() >= 0
                && place.sources().size() == sources.size()
                && place.sources().stream()
                        .allMatch(at ->
                                at.position().offset() >= 0 && at.position().line() >= 0);
        if (!sane) {
            throw new IllegalArgumentException("no reading of " + sources.size() + " sources stands at " + place);
        }
        return place;
    }
}
