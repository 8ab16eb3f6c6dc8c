package io.github.peft4j.models.nn;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a batch lie end to end: row i has {@code lengths[i]} tokens of this pass, after {@code past[i]} positions that it
 * already has (keys in a cache or a prefix, or a shared prefix).
 *
 * <p>Rows that begin alike may have a shared prefix: row 0 is then what all others begin with, computed once, and they lie behind it with what
 * is their own. What comes of it is the same as of whole rows.
 *
 * @param lengths tokens of each row in this pass, at least 1 each; a shared prefix may have none as long as virtual tokens are to come
 * @param past positions before them
 * @param selection which modules apply to which rows, or null where each applies to all of them or none
 * @param sharedPrefix whether row 0 is the shared prefix of the others
 */
public record Rows(int[] lengths, int[] past, @Nullable RowSelection selection, boolean sharedPrefix) {

    /** Checks that all name the same number of rows. */
    public Rows {
        if (lengths.length != past.length
                || Arrays.stream(lengths).skip(sharedPrefix ? 1 : 0).anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException("rows need one positive length and one past each, got lengths "
                    + Arrays.toString(lengths) + " and past " + Arrays.toString(past));
        }
        if (sharedPrefix && selection != null) {
            throw new IllegalArgumentException("rows that choose what applies to them cannot share a prefix");
        }
        if (selection != null && selection.count() != lengths.length) {
            throw new IllegalArgumentException(
                    "Length of `adapter_names` should be the same as the number of inputs, but got " + selection.count()
                            + " and " + lengths.length + " respectively.");
        }
    }

    /** Rows that all modules which are on apply to. */
    public Rows(int[] lengths, int[] past) {
        this(lengths, past, null);
    }

    /** Whole rows. */
    public Rows(int[] lengths, int[] past, @Nullable RowSelection selection) {
        this(lengths, past, selection, false);
    }

    /** Rows that start at position 0. */
    public static Rows of(int... lengths) {
        return new Rows(lengths.clone(), new int[lengths.length]);
    }

    /** Rows that start at position 0 with the same {@code sharedPrefix} tokens, and then have {@code own} tokens each. */
    public static Rows sharedPrefix(int sharedPrefix, int... own) {
        int[] lengths =
                IntStream.concat(IntStream.of(sharedPrefix), Arrays.stream(own)).toArray();
        int[] past = new int[lengths.length];
        Arrays.fill(past, 1, past.length, sharedPrefix);
        return new Rows(lengths, past, null, true);
    }

    /** Number of rows, the shared prefix counted as one. */
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

    /** The same rows with {@code extra} tokens more in each, or in their shared prefix. */
    public Rows lengthened(int extra) {
        int[] longer = lengths.clone();
        int[] later = past.clone();
        for (int row = 0; row < lengths.length; row++) {
            int[] growing = sharedPrefix && row > 0 ? later : longer;
            growing[row] += extra;
        }
        return new Rows(longer, later, selection, sharedPrefix);
    }

    /** The same rows after {@code extra} positions more. */
    public Rows after(int extra) {
        return new Rows(lengths.clone(), Arrays.stream(past).map(n -> n + extra).toArray(), selection, sharedPrefix);
    }

    /**
     * The same rows with modules of their own.
     *
     * @param modules which apply to which rows, or null where each applies to all of them or none
     */
    public Rows selecting(@Nullable RowSelection modules) {
        return new Rows(lengths.clone(), past.clone(), modules, sharedPrefix);
    }

    /** One token of each of these rows. */
    public Rows ends() {
        int[] ones = new int[lengths.length];
        Arrays.fill(ones, 1);
        return new Rows(ones, new int[lengths.length], selection);
    }

    /**
     * How many of some tokens each row has; null if they do not come row after row.
     *
     * @param tokens by number
     */
    public int @Nullable [] counts(long[] tokens) {
        int[] counts = new int[lengths.length];
        int row = 0;
        long start = 0;
        for (long token : tokens) {
            while (row < lengths.length && token >= start + lengths[row]) {
                start += lengths[row++];
            }
            if (row == lengths.length || token < start) {
                return null;
            }
            counts[row]++;
        }
        return counts;
    }

    /** The numbers of the tokens of some rows, in order. */
    public long[] tokensOf(BitSet chosen) {
        long[] numbers = new long[tokens()];
        int found = 0;
        int token = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < lengths[row]; i++, token++) {
                if (chosen.get(row)) {
                    numbers[found++] = token;
                }
            }
        }
        return Arrays.copyOf(numbers, found);
    }
}
