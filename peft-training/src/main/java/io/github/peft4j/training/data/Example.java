package io.github.peft4j.training.data;

import io.github.peft4j.models.LabelledRows;

/**
 * A row of token ids with a label for each.
 *
 * <p>The arrays are not copied; nobody may change them.
 *
 * @param tokenIds at least one, none negative
 * @param labels as many; a token id, or {@link LabelledRows#IGNORED} where nothing is to be learned. A causal model predicts the label at
 *     position t from the tokens before t, so the first counts only if virtual tokens precede it.
 */
public record Example(int[] tokenIds, int[] labels) {

    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if there is no token, the lengths differ, an id is negative, or a label is neither an id nor ignored
     */
    public Example {
        if (tokenIds.length == 0) {
            throw new IllegalArgumentException("a row needs at least one token");
        }
        if (tokenIds.length != labels.length) {
            throw new IllegalArgumentException("expected a label for each token, got " + tokenIds.length
                    + " token ids and " + labels.length + " labels");
        }
        for (int i = 0; i < tokenIds.length; i++) {
            if (tokenIds[i] < 0) {
                throw new IllegalArgumentException("token id " + tokenIds[i] + " at position " + i + " is negative");
            }
            if (labels[i] < 0 && labels[i] != LabelledRows.IGNORED) {
                throw new IllegalArgumentException(
                        "label " + labels[i] + " at position " + i + " is negative and not " + LabelledRows.IGNORED);
            }
        }
    }

    /** Its length in tokens. */
    public int length() {
        return tokenIds.length;
    }

    /** The number of labels that are not ignored, without the first, which only virtual tokens could predict. */
    public int supervisedTokens() {
        int count = 0;
        for (int i = 1; i < labels.length; i++) {
            count += labels[i] == LabelledRows.IGNORED ? 0 : 1;
        }
        return count;
    }

    /** Whether any label, the first included, is not ignored. */
    boolean hasLabel() {
        return labels[0] != LabelledRows.IGNORED || supervisedTokens() > 0;
    }

    /** The largest token id or label. */
    int largestId() {
        int largest = 0;
        for (int i = 0; i < tokenIds.length; i++) {
            largest = Math.max(largest, Math.max(tokenIds[i], labels[i]));
        }
        return largest;
    }
}
