package io.github.peft4j.training;

import io.github.peft4j.models.LabelledRows;
import io.github.peft4j.training.data.Batches;
import io.github.peft4j.training.data.Example;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/**
 * Rows in memory, cut into micro-batches in their order or in a new random order for each pass; the last of a pass may be smaller, as
 * with transformers' {@code Trainer}. Safe for use by one thread.
 */
public final class RowBatches implements BatchSource {

    private final Batches batches;
    private final IdentityHashMap<Example, Integer> numbers = new IdentityHashMap<>();
    private final String fingerprint;

    /**
     * Cuts rows by a config's batch size, order and seed.
     *
     * @throws IllegalArgumentException if there are none, or one is no {@link Example}
     */
    public RowBatches(LabelledRows rows, TrainingConfig config) {
        this(examples(rows), config);
    }

    /**
     * Cuts examples by a config's batch size, order and seed.
     *
     * @throws IllegalArgumentException if there are none
     */
    public RowBatches(List<Example> examples, TrainingConfig config) {
        batches = config.shuffle()
                ? Batches.shuffled(examples, config.batchSize(), config.seed())
                : Batches.inOrder(examples, config.batchSize());
        for (int i = 0; i < examples.size(); i++) {
            numbers.put(examples.get(i), i);
        }
        fingerprint = digest(examples);
    }

    private static List<Example> examples(LabelledRows rows) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < rows.tokenIds().size(); i++) {
            try {
                examples.add(new Example(rows.tokenIds().get(i), rows.labels().get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("row " + i + ": " + e.getMessage(), e);
            }
        }
        return examples;
    }

    @Override
    public long batchesPerEpoch() {
        return batches.perEpoch();
    }

    @Override
    public MicroBatch batch(long epoch, long index) {
        List<Example> examples = batches.batch(epoch, Math.toIntExact(index));
        int[] rows = examples.stream()
                .mapToInt(example -> Objects.requireNonNull(numbers.get(example)))
                .toArray();
        return new MicroBatch(Batches.rows(examples), rows);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    private static String digest(List<Example> examples) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Example example : examples) {
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + 2 * example.length()));
                bytes.putInt(example.length());
                bytes.asIntBuffer().put(example.tokenIds()).put(example.labels());
                digest.update(bytes.array());
            }
            return examples.size() + " rows, sha256 "
                    + HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
