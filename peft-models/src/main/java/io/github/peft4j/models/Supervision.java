package io.github.peft4j.models;

import java.util.Arrays;

/**
 * Which hidden states predict which tokens.
 *
 * @param sources indices into the hidden states of all rows
 * @param targets the token each must predict
 */
record Supervision(long[] sources, long[] targets) {

    /** Position t predicts token t + 1; with virtual tokens before a row, the last of them predicts its first token. */
    static Supervision of(LabelledRows rows, int virtualTokens) {
        int capacity = rows.tokens();
        long[] sources = new long[capacity];
        long[] targets = new long[capacity];
        int count = 0;
        long start = 0;
        for (int[] labels : rows.labels()) {
            for (int t = virtualTokens > 0 ? 0 : 1; t < labels.length; t++) {
                if (labels[t] != LabelledRows.IGNORED) {
                    sources[count] = start + virtualTokens + t - 1;
                    targets[count++] = labels[t];
                }
            }
            start += labels.length + (long) virtualTokens;
        }
        return new Supervision(Arrays.copyOf(sources, count), Arrays.copyOf(targets, count));
    }

    /**
     * Checks that every target is a token of a vocabulary.
     *
     * @throws IllegalArgumentException if one is not
     */
    void requireBelow(int vocabSize) {
        for (long target : targets) {
            if (target < 0 || target >= vocabSize) {
                throw new IllegalArgumentException("label " + target + " is not in the vocabulary of " + vocabSize
                        + " tokens; tokens that are not supervised have the label " + LabelledRows.IGNORED);
            }
        }
    }

    int count() {
        return targets.length;
    }
}
