package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.Problems;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import io.github.peft4j.training.data.stream.internal.Standing;
import io.github.peft4j.training.internal.work.OrderedWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a stream window by window, pass after pass without end. Safe for use by one thread. */
final class WindowReader implements AutoCloseable {

    /**
     * How windows are made.
     *
     * @param feed what is read
     * @param size how large they are
     * @param cut how windows are cut
     */
    record Plan(RowFeed feed, WindowSize size, BatchOrder.Cut cut) {

        /** Whether a window has all rows that it is to have: whole micro-batches of them, where they are cut by rows. */
        private boolean isFull(long window, int count, long tokens) {
            WindowSize full = size.at(window);
            boolean much = full.tokens() > 0 && tokens >= full.tokens();
            if (cut.tokens() > 0) {
                return much || count >= full.rows();
            }
            int whole = Math.max(1, full.rows() / cut.rows()) * cut.rows();
            // A row that was split may step over the end of a micro-batch again and again.
            return (much || count >= whole) && (count % cut.rows() == 0 || count >= whole + cut.rows());
        }
    }

    private record Read(RowFeed.Fed fed, RowCollector.Made made) {}

    private final Plan plan;
    private final RowCollector collector;
    private final int threads;
    private WindowStart at;
    private Standing standing;
    private RowFeed.@Nullable Cursor cursor;
    private @Nullable OrderedWork<RowFeed.Fed, Read> reading;

    WindowReader(Plan plan, RowCollector collector, int threads, WindowStart from) {
        this.plan = plan;
        this.collector = collector;
        this.threads = threads;
        this.at = from;
        this.standing = new Standing(plan.feed, from.place());
    }

    /**
     * The next window.
     *
     * @throws DataException if data cannot be read, rows up to the end of the window cannot be used, or a whole pass has none
     */
    Window next() throws IOException {
        WindowStart start = at;
        List<Row> rows = new ArrayList<>();
        List<Window.Origin> origins = new ArrayList<>();
        Problems problems = new Problems();
        long tokens = 0;
        while (true) {
            Read read = reading().next();
            if (read == null) {
                close();
                problems.throwIfAny();
                boolean whole = start.place().equals(plan.feed.start());
                WindowStart anew = new WindowStart(start.window(), start.pass() + 1, start.batch(), plan.feed.start());
                if (!rows.isEmpty()) {
                    return window(start, rows, origins, anew.pass(), anew.place());
                }
                if (whole) {
                    throw collector.nothing(plan.feed.name());
                }
                start = anew;
                begin(anew);
                continue;
            }
            standing.took(read.fed);
            String source = plan.feed.sources().get(read.fed.row().source()).name();
            long line = read.fed.row().item().line();
            for (Row row : collector.count(read.made, source, line, problems)) {
                rows.add(row);
                origins.add(new Window.Origin(source, line));
                tokens += row.tokens();
            }
            if (plan.isFull(start.window(), rows.size(), tokens)) {
                problems.throwIfAny();
                return window(start, rows, origins, start.pass(), standing.place());
            }
        }
    }

    private Window window(
            WindowStart start, List<Row> rows, List<Window.Origin> origins, long pass, RowFeed.Place place) {
        Window window = new Window(start, rows, origins, plan.cut, pass, place, collector.report());
        if (pass != start.pass()) {
            begin(window.next());
        }
        at = window.next();
        return window;
    }

    private void begin(WindowStart from) {
        at = from;
        standing = new Standing(plan.feed, from.place());
    }

    private OrderedWork<RowFeed.Fed, Read> reading() throws IOException {
        if (reading == null) {
            RowFeed.Cursor opened = plan.feed.open(at.pass(), at.place());
            cursor = opened;
            reading = new OrderedWork<>(
                    opened::next,
                    fed -> fed.row().size(),
                    fed -> new Read(
                            fed.withoutFields(), collector.encode(fed.row().item())),
                    threads);
        }
        return reading;
    }

    @Override
    public void close() {
        if (reading != null) {
            reading.close();
            reading = null;
        }
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }
}
