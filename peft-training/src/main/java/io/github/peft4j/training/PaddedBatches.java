package io.github.peft4j.training;

import io.github.peft4j.models.LabelledRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
    public long batchesPerEpoch() {
        return rows.batchesPerEpoch();
    }

    @Override
    public MicroBatch batch(long epoch, long index) {
        MicroBatch batch = rows.batch(epoch, index);
        int longest = batch.rows().tokenIds().stream()
                .mapToInt(ids -> ids.length)
                .max()
                .orElse(0);
        return new MicroBatch(
                new LabelledRows(
                        padded(batch.rows().tokenIds(), longest, PADDING),
                        padded(batch.rows().labels(), longest, LabelledRows.IGNORED),
                        true),
                batch.numbers(),
                batch.tokens());
    }

    private static List<int[]> padded(List<int[]> rows, int length, int value) {
        List<int[]> padded = new ArrayList<>();
        for (int[] row : rows) {
            int[] longer = Arrays.copyOf(row, length);
            Arrays.fill(longer, row.length, length, value);
            padded.add(longer);
        }
        return padded;
    }

    @Override
    public String fingerprint() {
        return rows.fingerprint();
    }
}
