package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.content.internal.RowDigest;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in memory, cut into micro-batches in their order or in a new random order for each pass; the last of a pass may be smaller, as
 * with transformers' {@code Trainer}. Safe for use by one thread.
 */
public final class RowBatches implements BatchSource {

    private final List<Row> rows;
    private final BatchOrder order;
    private final String fingerprint;

    /**
     * Cuts rows by a config's size of batches, order and seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public RowBatches(List<Row> rows, TrainingConfig config) {
        this.rows = List.copyOf(rows);
        this.order = new BatchOrder(rows.size(), i -> rows.get(i).tokens(), cut(config));
        this.fingerprint = fingerprint(rows.size(), RowDigest.ofRows(rows));
    }

    /** That of rows in memory, wherever they are. */
    static String fingerprint(int count, String digest) {
        return count + " rows, sha256 " + digest;
    }

    /** How a config cuts. */
    static BatchOrder.Cut cut(TrainingConfig config) {
        return new BatchOrder.Cut(
                config.batchSize(),
                config.batchTokens(),
                config.groupByLength() ? config.accumulation() : 0,
                config.shuffle(),
                config.seed());
    }

    @Override
    public long batches(long epoch) {
        return order.batches(epoch);
    }

    @Override
    public BatchSource.MicroBatch batch(long epoch, long index) {
        int[] numbers = order.batch(epoch, Math.toIntExact(index));
        return new BatchSource.MicroBatch(
                new Batch(Arrays.stream(numbers).mapToObj(rows::get).toList()), numbers);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }
}
