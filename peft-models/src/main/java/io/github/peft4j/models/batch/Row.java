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

    /**
     * What is to be learned of a row. Which targets a model can learn from, its objective says.
     *
     * <p>Arrays are not copied; nobody may change them.
     */
    public sealed interface Target {

        /** The label of tokens that are not supervised; Hugging Face's -100. */
        int IGNORED = -100;

        /** Nothing: the row is only to be computed. */
        Target NONE = new None();

        /** {@link #NONE}. */
        record None() implements Target {}

        /**
         * The next token at each position. A causal model predicts the label at position t from the tokens before t, so the first counts only
         * if virtual tokens precede it.
         *
         * @param labels one for each token of the row: a token id, or {@link #IGNORED} where nothing is to be learned
         */
        record NextTokens(int[] labels) implements Target {

            /**
             * Checks the labels.
             *
             * @throws IllegalArgumentException if one is negative and not ignored
             */
            public NextTokens {
                for (int i = 0; i < labels.length; i++) {
                    if (labels[i] < 0 && labels[i] != IGNORED) {
                        throw new IllegalArgumentException(
                                "label " + labels[i] + " at position " + i + " is negative and not " + IGNORED);
                    }
                }
            }

            /**
             * How many labels are not ignored.
             *
             * @param from the first position that counts: 1 where nothing stands before the row that could predict its first token
             */
            public int supervised(int from) {
                int count = 0;
                for (int i = from; i < labels.length; i++) {
                    count += labels[i] == IGNORED ? 0 : 1;
                }
                return count;
            }
        }

        /**
         * One class of several that exclude each other.
         *
         * @param id from 0
         */
        record Label(int id) implements Target {

            /**
             * Checks the number.
             *
             * @throws IllegalArgumentException if it is negative
             */
            public Label {
                if (id < 0) {
                    throw new IllegalArgumentException("a label must be at least 0, got " + id);
                }
            }
        }

        /**
         * A number for each output: values to be met, or for classes that do not exclude each other whether the row is of each, 1 or 0.
         *
         * @param values at least one, all finite
         */
        record Scores(float[] values) implements Target {

            /**
             * Checks the numbers.
             *
             * @throws IllegalArgumentException if there is none, or one is infinite or not a number
             */
            public Scores {
                if (values.length == 0) {
                    throw new IllegalArgumentException("a row needs at least one score");
                }
                for (float value : values) {
                    if (!Float.isFinite(value)) {
                        throw new IllegalArgumentException("a score must be a finite number, got " + value);
                    }
                }
            }
        }

        /**
         * Two ways to go on from the row's tokens, of which one is preferred.
         *
         * @param chosen tokens after the row's own, at least one
         * @param rejected tokens after the row's own, at least one
         */
        record Preference(int[] chosen, int[] rejected) implements Target {

            /**
             * Checks the lengths.
             *
             * @throws IllegalArgumentException if one is empty
             */
            public Preference {
                if (chosen.length == 0 || rejected.length == 0) {
                    throw new IllegalArgumentException("chosen and rejected need at least one token each, got "
                            + chosen.length + " and " + rejected.length);
                }
            }
        }
    }
}
