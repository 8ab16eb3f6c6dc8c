package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.content.internal.RowDigest;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import io.github.peft4j.training.internal.work.Waiting;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are read and encoded while a model learns from those before. They are taken window by window; those of a window come in an order that follows from
 * the seed and the window's number, as an epoch's in memory does, so data that fit into one window are taken in the same order as in memory. Passes over the data
 * follow each other without an end.
 *
 * <p>Memory has two windows, that in use and the next, however many rows there are. Any micro-batch can be had at any time, one that a run goes on with from a
 * {@link #mark} at once.
 *
 * <p>Safe for use by one thread, which closes it.
 */
public final class StreamBatches implements LazyBatches {

    private final WindowReader.Plan plan;
    private final Dataset.Streamed streamed;
    private final String fingerprint;
    private final List<Row> firstRows;
    private final DataReport firstReport;
    private final TreeMap<Long, WindowStart> starts = new TreeMap<>();
    private final ExecutorService background = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "prepares-rows");
        thread.setDaemon(true);
        return thread;
    });
    private Check check = Check.NONE;
    private @Nullable WindowReader reader;
    private @Nullable Window current;
    private @Nullable Future<Window> ahead;

    /**
     * Opens a stream; its first window is read and checked.
     *
     * @throws DataException if it cannot be read, or rows of the first window cannot be used
     */
    public StreamBatches(Dataset.Streamed streamed, TrainingConfig config) throws IOException {
        this.streamed = streamed;
        RowFeed feed = RowFeed.of(streamed.sources(), streamed.parts(), config.seed(), streamed.untilAllEnded());
        this.plan = new WindowReader.Plan(feed, WindowSize.of(streamed.window()), RowBatches.cut(config));
        starts.put(0L, new WindowStart(0, 0, 0, feed.start()));
        try {
            Window first = window(0);
            this.firstRows = List.copyOf(
                    first.rows().subList(0, Math.min(SAMPLE, first.rows().size())));
            this.firstReport = first.report();
            this.fingerprint = "streamed in windows of " + plan.size().rows() + " rows, sha256 "
                    + RowDigest.of(List.of(
                            feed.fingerprint(),
                            RowDigest.ofRows(firstRows),
                            plan.size().toString(),
                            String.valueOf(streamed.options().maxLength()),
                            streamed.options().oddRows().toString()));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Some of the first window. */
    @Override
    public List<Row> firstRows() {
        return firstRows;
    }

    /** Up to the end of the first window. */
    @Override
    public DataReport firstReport() {
        return firstReport;
    }

    /** Looks at every window as a whole, the present one included. */
    @Override
    public StreamBatches check(Check of) {
        check = of;
        if (current != null) {
            check.of(current.rows());
        }
        return this;
    }

    @Override
    public long batches(long epoch) {
        return ENDLESS;
    }

    @Override
    public MicroBatch batch(long epoch, long index) throws IOException {
        if (epoch != 0 || index < 0) {
            throw new IndexOutOfBoundsException(
                    "no batch " + index + " in epoch " + epoch + ": a stream has one epoch");
        }
        return window(index).batch(index);
    }

    private Window window(long index) throws IOException {
        WindowStart nearest = starts.floorEntry(index).getValue();
        boolean reached = current != null
                && index >= current.start().batch()
                && nearest.window() <= current.next().window();
        if (!reached) {
            startFrom(nearest);
        }
        while (current == null || !current.has(index)) {
            take();
        }
        return current;
    }

    /** Goes on from a place, perhaps far before or behind the present one. */
    private void startFrom(WindowStart start) {
        stop();
        reader = new WindowReader(
                plan, new RowCollector(streamed.options()), Runtime.getRuntime().availableProcessors(), start);
        prepare();
    }

    private void prepare() {
        ahead = background.submit(Objects.requireNonNull(reader)::next);
    }

    private void take() throws IOException {
        Window next = Waiting.result(Objects.requireNonNull(ahead));
        check.pass(next.rows());
        current = next;
        starts.put(next.start().batch(), next.start());
        starts.put(next.next().batch(), next.next());
        prepare();
    }

    private void stop() {
        current = null;
        Future<Window> preparing = ahead;
        ahead = null;
        WindowReader reading = reader;
        reader = null;
        if (reading != null) {
            // The thread that reads closes, or two would use it at once.
            background.execute(reading::close);
        }
        if (preparing != null) {
            preparing.cancel(false);
        }
    }

    @Override
    public Map<String, Object> mark(long index) {
        return starts.floorEntry(index).getValue().toJson();
    }

    @Override
    public void recall(Map<String, ?> mark) {
        WindowStart start = WindowStart.of(mark, plan.feed());
        starts.put(start.batch(), start);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        stop();
        background.shutdown();
    }
}
