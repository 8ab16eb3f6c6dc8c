package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.cache.internal.CachedRows;
import io.github.peft4j.training.data.cache.internal.TokenCache;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows in a file of a {@link TokenCache}, cut into the micro-batches that they would have in memory ({@link RowBatches}), so that a run is the same, and one can go on with what the other
 * has begun. Memory has a number for each row, and the rows of a micro-batch. Safe for use by one thread, which closes it.
 */
public final class CachedBatches implements LazyBatches {

    private final CachedRows rows;
    private final BatchOrder order;
    private final List<Row> firstRows;
    private Check check = Check.NONE;

    /**
     * Opens rows, which are encoded now if they are not there.
     *
     * @throws DataException if they cannot be read or used
     * @throws IOException if the file cannot be written
     * @throws IllegalArgumentException if the tokenizer cannot be told from others
     */
    public CachedBatches(Dataset.Cached cached, TrainingConfig config, TokenCache.Progress progress)
            throws IOException {
        RowFeed feed = RowFeed.of(cached.sources(), cached.parts(), config.seed(), cached.untilAllEnded());
        this.rows = new TokenCache(cached.folder(), progress).rows(feed, cached.options());
        try {
            BatchOrder.Cut cut = RowBatches.cut(config);
            int[] tokens = cut.needsTokens() ? rows.tokens() : new int[0];
            this.order = new BatchOrder(rows.count(), number -> tokens[number], cut);
            this.firstRows = first(Math.min(SAMPLE, rows.count()));
        } catch (IOException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    private List<Row> first(int count) throws DataException {
        List<Row> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(rows.row(i));
        }
        return List.copyOf(some);
    }

    @Override
    public List<Row> firstRows() {
        return firstRows;
    }

    @Override
    public DataReport firstReport() {
        return rows.report();
    }

    @Override
    public CachedBatches check(Check of) {
        check = of;
        return this;
    }

    @Override
    public long batches(long epoch) {
        return order.batches(epoch);
    }

    @Override
    public MicroBatch batch(long epoch, long index) throws IOException {
        int[] numbers = order.batch(epoch, Math.toIntExact(index));
        List<Row> batch = new ArrayList<>();
        for (int number : numbers) {
            batch.add(rows.row(number));
        }
        check.pass(batch);
        return new MicroBatch(new Batch(batch), numbers);
    }

    @Override
    public String fingerprint() {
        return RowBatches.fingerprint(rows.count(), rows.digest());
    }

    @Override
    public void close() {
        rows.close();
    }
}
