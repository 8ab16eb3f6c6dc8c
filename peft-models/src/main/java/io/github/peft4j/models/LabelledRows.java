package io.github.peft4j.models;

import java.util.Arrays;
import java.util.List;

/**
 * Rows of token ids with a label for each token.
 *
 * @param tokenIds one array per row
 * @param labels one array per row, as long as the row's ids; {@link #IGNORED} where nothing is to be learned
 * @param padded whether rows were brought to one length and are to be computed as they stand, padding and all
 */
public record LabelledRows(List<int[]> tokenIds, List<int[]> labels, boolean padded) {

    /** The label of tokens that are not supervised; Hugging Face's -100. */
    public static final int IGNORED = -100;

    /** Rows without padding. */
    public LabelledRows(List<int[]> tokenIds, List<int[]> labels) {
        this(tokenIds, labels, false);
    }

    /** Checks that ids and labels match. */
    public LabelledRows {
        if (tokenIds.size() != labels.size()) {
            throw new IllegalArgumentException(tokenIds.size() + " rows of ids, but " + labels.size() + " of labels");
        }
        for (int i = 0; i < tokenIds.size(); i++) {
            if (tokenIds.get(i).length != labels.get(i).length) {
                throw new IllegalArgumentException("row " + i + " has " + tokenIds.get(i).length + " token ids, but "
                        + labels.get(i).length + " labels");
            }
        }
    }

    /** Tokens of all rows. */
    public int tokens() {
        return tokenIds.stream().mapToInt(ids -> ids.length).sum();
    }

    /**
     * Labels that a causal model is trained on: position t predicts token t + 1, so a row's first label counts only if virtual tokens
     * stand before it.
     */
    public int supervisedTokens(boolean virtualTokensBefore) {
        int from = virtualTokensBefore ? 0 : 1;
        return labels.stream()
                .mapToInt(row -> (int)
                        Arrays.stream(row).skip(from).filter(l -> l != IGNORED).count())
                .sum();
    }
}
