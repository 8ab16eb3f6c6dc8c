package io.github.peft4j.models.batch;

/**
 * A sequence of tokens and what is to be learned of it: one type from the file to the loss.
 *
 * <p>The arrays are not copied; nobody may change them.
 *
 * @param tokenIds [T] ids, at least one, none negative
 * @param target what is to be learned
 */
public record Row(int[] tokenIds, Target target) {

    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if there is no token, an id is negative, or there are more or fewer labels than tokens
     */
    public Row {
        if (tokenIds.length == 0) {
            throw new IllegalArgumentException("a row needs at least one token");
        }
        for (int i = 0; i < tokenIds.length; i++) {
            if (tokenIds[i] < 0) {
                throw new IllegalArgumentException("token id " + tokenIds[i] + " at position " + i + " is negative");
            }
        }
        if (target instanceof Target.NextTokens next && next.labels().length != tokenIds.length) {
            throw new IllegalArgumentException("expected a label for each token, got " + tokenIds.length
                    + " token ids and " + next.labels().length + " labels");
        }
    }

    /**
     * A row with a label for each token, as Hugging Face's {@code labels}.
     *
     * @param labels token ids, {@link Target#IGNORED} where nothing is to be learned
     * @throws IllegalArgumentException as the constructor, or if a label is negative and not ignored
     */
    public static Row of(int[] tokenIds, int[] labels) {
        return new Row(tokenIds, new Target.NextTokens(labels));
    }

    /** T, its length in tokens. */
    public int length() {
        return tokenIds.length;
    }
}
