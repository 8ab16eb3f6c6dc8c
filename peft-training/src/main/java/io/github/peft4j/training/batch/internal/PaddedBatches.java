package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Micro-batches padded on the right to their longest row, as Hugging Face's collators do. In a causal model no token sees what comes after
 * it, and padding is not supervised, so the numbers are those of rows without padding; only time is lost.
 */
public final class PaddedBatches implements BatchSource {

    /** Any token will do. */
    private static final int PADDING = 0;

    private final BatchSource rows;

    /** Pads these. */
    public PaddedBatches(BatchSource rows) {
        this.rows = rows;
    }

    @Override
    public long batches(long epoch) {
        return rows.batches(epoch);
    }

    @Override
    public BatchSource.MicroBatch batch(long epoch, long index) throws IOException {
        BatchSource.MicroBatch batch = rows.batch(epoch, index);
        int longest = batch.rows().rows().stream().mapToInt(Row::length).max().orElse(0);
        List<Row> padded =
                batch.rows().rows().stream().map(row -> padded(row, longest)).toList();
        return new BatchSource.MicroBatch(new Batch(padded, true), batch.numbers(), batch.tokens(), batch.name());
    }

    private static Row padded(Row row, int length) {
        int[] types = row.tokenTypes();
        return new Row(
                padded(row.tokenIds(), length, PADDING),
                types.length == 0 ? types : padded(types, length, 0),
                padded(row.target(), length));
    }

    private static Row.Target padded(Row.Target target, int length) {
        return target instanceof Row.Target.NextTokens next
                ? new Row.Target.NextTokens(padded(next.labels(), length, Row.Target.IGNORED))
                : target instanceof Row.Target.TokenLabels each
                        ? new Row.Target.TokenLabels(padded(each.labels(), length, Row.Target.IGNORED), each.words())
                        : target;
    }

    private static int[] padded(int[] values, int length, int value) {
        int[] longer = Arrays.copyOf(values, length);
        Arrays.fill(longer, values.length, length, value);
        return longer;
    }

    @Override
    public Map<String, Object> mark(long index) {
        return rows.mark(index);
    }

    @Override
    public void recall(Map<String, ?> mark) {
        rows.recall(mark);
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }

    @Override
    public boolean isLazy() {
        return rows.isLazy();
    }

    @Override
    public void close() {
        rows.close();
    }
}
