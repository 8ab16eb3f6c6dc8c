package io.github.peft4j.training.batch.internal;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.internal.BatchOrder;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
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
     * Cuts rows by a config's batch size, order and seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public RowBatches(List<Row> rows, TrainingConfig config) {
        this.rows = List.copyOf(rows);
        this.order = config.shuffle()
                ? BatchOrder.shuffled(rows.size(), config.batchSize(), config.seed())
                : BatchOrder.inOrder(rows.size(), config.batchSize());
        this.fingerprint = digest(rows);
    }

    @Override
    public long batchesPerEpoch() {
        return order.perEpoch();
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

    private static String digest(List<Row> rows) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            rows.forEach(row -> digest.update(bytes(row)));
            return rows.size() + " rows, sha256 "
                    + HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] bytes(Row row) {
        List<int[]> sequences = row.sequences();
        int[] target = numbers(row.target());
        int[] types = row.tokenTypes();
        ByteBuffer bytes =
                ByteBuffer.allocate(Integer.BYTES * (sequences.size() + row.tokens() + types.length + target.length));
        for (int[] ids : sequences) {
            bytes.putInt(ids.length);
            bytes.asIntBuffer().put(ids);
            bytes.position(bytes.position() + Integer.BYTES * ids.length);
        }
        bytes.asIntBuffer().put(types).put(target);
        return bytes.array();
    }

    /** What is to be learned as numbers that tell two of one kind apart, beside the sequences of tokens. */
    private static int[] numbers(Row.Target target) {
        if (target instanceof Row.Target.PerToken each) {
            return each.labels();
        }
        if (target instanceof Row.Target.Label label) {
            return new int[] {label.id()};
        }
        if (target instanceof Row.Target.Scores scores) {
            int[] bits = new int[scores.values().length];
            Arrays.setAll(bits, i -> Float.floatToIntBits(scores.values()[i]));
            return bits;
        }
        if (target instanceof Row.Target.Similarity similarity) {
            return new int[] {Float.floatToIntBits(similarity.score())};
        }
        return new int[0];
    }
}
