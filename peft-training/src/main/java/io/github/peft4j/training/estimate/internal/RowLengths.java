package io.github.peft4j.training.estimate.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.estimate.MemoryEstimate;
import java.util.Arrays;
import java.util.List;

/** How many tokens rows have, all sequences of each together. Not safe for concurrent use. */
public final class RowLengths {

    /** From short to long. */
    private final int[] lengths;

    private RowLengths(int[] lengths) {
        this.lengths = lengths;
        Arrays.sort(lengths);
    }

    /**
     * Of rows.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static RowLengths of(List<Row> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("there is no row to be measured");
        }
        return new RowLengths(rows.stream().mapToInt(Row::tokens).toArray());
    }

    /** How many rows there are. */
    public int rows() {
        return lengths.length;
    }

    /** Tokens of the longest. */
    public int longest() {
        return lengths[lengths.length - 1];
    }

    /** Tokens of a row on average. */
    public double mean() {
        return Arrays.stream(lengths).average().orElse(0);
    }

    /**
     * A run on micro-batches of so many tokens, or of one row that has more.
     *
     * @param run how to compute
     */
    public MemoryEstimate.Run filling(MemoryEstimate.Run run, long tokens) {
        return run.of(Math.toIntExact(Math.max(1, tokens / longest())), longest());
    }

    /**
     * A run on the micro-batch that takes most: the longest rows together.
     *
     * @param run how to compute, with as many rows as a micro-batch has
     */
    public MemoryEstimate.Run largest(MemoryEstimate.Run run) {
        int rows = Math.min(run.rows(), lengths.length);
        long tokens = Arrays.stream(lengths, lengths.length - rows, lengths.length)
                .asLongStream()
                .sum();
        return run.of(rows, Math.toIntExact((tokens + rows - 1) / rows));
    }
}
