package io.github.peft4j.models.nn;

import java.util.Arrays;

/**
 * How the rows of a batch lie end to end: row i has {@code lengths[i]} tokens of this pass, after {@code past[i]} positions that it
 * already has (keys in a cache or a prefix).
 *
 * @param lengths tokens of each row in this pass, at least 1 each
 * @param past positions before them
 */
public record Rows(int[] lengths, int[] past) {

    /** Checks that both name the same number of rows. */
    public Rows {
        if (lengths.length != past.length || Arrays.stream(lengths).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("rows need one positive length and one past each, got lengths "
                    + Arrays.toString(lengths) + " and past " + Arrays.toString(past));
        }
    }

    /** Rows that start at position 0. */
    public static Rows of(int... lengths) {
        return new Rows(lengths.clone(), new int[lengths.length]);
    }

    /** Number of rows. */
    public int count() {
        return lengths.length;
    }

    /** N, the tokens of all rows in this pass. */
    public int tokens() {
        return Arrays.stream(lengths).sum();
    }

    /** The position of every token, row after row. */
    public long[] positions() {
        long[] positions = new long[tokens()];
        int at = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < lengths[row]; i++) {
                positions[at++] = (long) past[row] + i;
            }
        }
        return positions;
    }

    /** The same rows with {@code extra} tokens more in each. */
    public Rows lengthened(int extra) {
        return new Rows(Arrays.stream(lengths).map(n -> n + extra).toArray(), past.clone());
    }

    /** The same rows after {@code extra} positions more. */
    public Rows after(int extra) {
        return new Rows(lengths.clone(), Arrays.stream(past).map(n -> n + extra).toArray());
    }
}
