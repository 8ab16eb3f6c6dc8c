package io.github.peft4j.training;

import io.github.peft4j.models.LabelledRows;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Rows in memory, cut into micro-batches in their order or in a new random order for each pass; the last of a pass may be smaller, as
 * with transformers' {@code Trainer}. Safe for use by one thread.
 */
public final class RowBatches implements BatchSource {

    private final LabelledRows rows;
    private final int batchSize;
    private final boolean shuffle;
    private final long seed;
    private final String fingerprint;
    private int[] order;
    private long orderedEpoch = -1;

    /**
     * Cuts rows by a config's batch size, order and seed.
     *
     * @throws IllegalArgumentException if there are none, or one is empty
     */
    public RowBatches(LabelledRows rows, TrainingConfig config) {
        if (rows.tokenIds().isEmpty()) {
            throw new IllegalArgumentException("there are no rows to train on");
        }
        for (int i = 0; i < rows.tokenIds().size(); i++) {
            if (rows.tokenIds().get(i).length == 0) {
                throw new IllegalArgumentException("row " + i + " has no tokens");
            }
        }
        this.rows = rows;
        this.batchSize = config.batchSize();
        this.shuffle = config.shuffle();
        this.seed = config.seed();
        this.fingerprint = digest(rows);
        this.order = inOrder();
    }

    @Override
    public long batchesPerEpoch() {
        return (order.length + batchSize - 1) / batchSize;
    }

    @Override
    public MicroBatch batch(long epoch, long index) {
        if (index < 0 || index >= batchesPerEpoch()) {
            throw new IndexOutOfBoundsException("micro-batch " + index + " of " + batchesPerEpoch());
        }
        arrange(epoch);
        int from = Math.toIntExact(index * batchSize);
        int to = Math.min(order.length, from + batchSize);
        List<int[]> ids = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        int[] numbers = new int[to - from];
        for (int i = from; i < to; i++) {
            numbers[i - from] = order[i];
            ids.add(rows.tokenIds().get(order[i]));
            labels.add(rows.labels().get(order[i]));
        }
        return new MicroBatch(new LabelledRows(ids, labels), numbers);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    private int[] inOrder() {
        int[] numbers = new int[rows.tokenIds().size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    /** Fisher and Yates, with the one generator whose sequence Java promises to keep. */
    private void arrange(long epoch) {
        if (!shuffle || epoch == orderedEpoch) {
            return;
        }
        order = inOrder();
        Random random = new Random(Seeds.mix(seed, epoch));
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        orderedEpoch = epoch;
    }

    private static String digest(LabelledRows rows) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < rows.tokenIds().size(); i++) {
                int[] ids = rows.tokenIds().get(i);
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + 2 * ids.length));
                bytes.putInt(ids.length);
                bytes.asIntBuffer().put(ids).put(rows.labels().get(i));
                digest.update(bytes.array());
            }
            return rows.tokenIds().size() + " rows, sha256 "
                    + HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
