package io.github.peft4j.models.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sequence of tokens and what is to be learned of it: one type from the file to the loss.
 *
 * <p>The arrays are not copied; nobody may change them.
 *
 * @param tokenIds [T] ids, at least one, none negative
 * @param tokenTypes [T] which of several texts each token is of, from 0, none negative; empty where all are of the first
 * @param target what is to be learned
 */
public record Row(int[] tokenIds, int[] tokenTypes, Target target) {

    private static final int[] ALIKE = {};

    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if there is no token, an id or a type is negative, or there are more or fewer types or labels than tokens
     */
    public Row {
        if (tokenIds.length == 0) {
            throw new IllegalArgumentException("a row needs at least one token");
        }
        requireNotNegative("token id", tokenIds);
        if (tokenTypes.length > 0) {
            requireNotNegative("token type", tokenTypes);
            requireOneEach("type", tokenIds, tokenTypes);
        }
        if (target instanceof Target.PerToken each) {
            requireOneEach("label", tokenIds, each.labels());
        }
    }

    /** A row of one text. */
    public Row(int[] tokenIds, Target target) {
        this(tokenIds, ALIKE, target);
    }

    private static void requireText(String what, int[] ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException(what + " needs at least one token");
        }
        requireNotNegative("token id", ids);
    }

    private static void requireNotNegative(String what, int[] values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0) {
                throw new IllegalArgumentException(what + " " + values[i] + " at position " + i + " is negative");
            }
        }
    }

    private static void requireOneEach(String what, int[] tokenIds, int[] values) {
        if (values.length != tokenIds.length) {
            throw new IllegalArgumentException("expected a " + what + " for each token, got " + tokenIds.length
                    + " token ids and " + values.length + " " + what + "s");
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

    /** The same tokens up to a length, with nothing to be learned of them. */
    public Row begin(int length) {
        return new Row(
                Arrays.copyOf(tokenIds, length),
                tokenTypes.length == 0 ? ALIKE : Arrays.copyOf(tokenTypes, length),
                Target.NONE);
    }

    /** T, its length in tokens. */
    public int length() {
        return tokenIds.length;
    }

    /** All that goes through a model of it: its own tokens, or these and the others that its target weighs. */
    public List<int[]> sequences() {
        return target.sequences(tokenIds);
    }

    /** Tokens of all {@link #sequences}. */
    public int tokens() {
        return sequences().stream().mapToInt(ids -> ids.length).sum();
    }

    /** Tokens of the longest of the {@link #sequences}. */
    public int longest() {
        return sequences().stream().mapToInt(ids -> ids.length).max().orElse(0);
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

        /** All that goes through a model of a row with this target, whose own tokens are given. */
        default List<int[]> sequences(int[] own) {
            return List.of(own);
        }

        /** {@link #NONE}. */
        record None() implements Target {}

        /** A label for each token of the row. */
        sealed interface PerToken extends Target {

            /** One for each token, {@link #IGNORED} where nothing is to be learned. */
            int[] labels();

            private static void check(int[] labels) {
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
             * @param from the first position that counts
             */
            default int supervised(int from) {
                int count = 0;
                for (int i = from; i < labels().length; i++) {
                    count += labels()[i] == IGNORED ? 0 : 1;
                }
                return count;
            }
        }

        /**
         * The next token at each position. A causal model predicts the label at position t from the tokens before t, so the first counts only
         * if virtual tokens precede it.
         *
         * @param labels one for each token of the row: a token id, or {@link #IGNORED} where nothing is to be learned
         */
        record NextTokens(int[] labels) implements PerToken {

            /**
             * Checks the labels.
             *
             * @throws IllegalArgumentException if one is negative and not ignored
             */
            public NextTokens {
                PerToken.check(labels);
            }
        }

        /**
         * What each token is: its class, or the token that it hides. A model that sees the whole row predicts the label at position t at
         * position t.
         *
         * @param labels one for each token of the row: a class, numbered from 0, or a token id; {@link #IGNORED} where nothing is to be
         *     learned
         * @param words where each word's first token is, -1 for a word without one; empty where tokens are not of words
         */
        record TokenLabels(int[] labels, int[] words) implements PerToken {

            private static final int[] NO_WORDS = {};

            /**
             * Checks the labels.
             *
             * @throws IllegalArgumentException if one is negative and not ignored, or a word begins where there is no token
             */
            public TokenLabels {
                PerToken.check(labels);
                for (int first : words) {
                    if (first < -1 || first >= labels.length) {
                        throw new IllegalArgumentException(
                                "a word begins at " + first + ", but there are " + labels.length + " tokens");
                    }
                }
            }

            /** Labels of tokens that are judged one by one. */
            public TokenLabels(int[] labels) {
                this(labels, NO_WORDS);
            }

            /** Where predictions are judged: at labels that are not ignored, of each word only its first token's. */
            public IntStream judged() {
                IntStream places = words.length == 0
                        ? IntStream.range(0, labels.length)
                        : Arrays.stream(words).filter(first -> first >= 0);
                return places.filter(place -> labels[place] != IGNORED);
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

            @Override
            public List<int[]> sequences(int[] own) {
                return List.of(joined(own, chosen), joined(own, rejected));
            }

            private static int[] joined(int[] first, int[] second) {
                int[] all = Arrays.copyOf(first, first.length + second.length);
                System.arraycopy(second, 0, all, first.length, second.length);
                return all;
            }
        }

        /**
         * Texts of which one goes with the row's own and others do not: sentence-transformers' anchor, positive and negatives.
         *
         * @param positive tokens of the text that goes with it, at least one, none negative
         * @param negatives tokens of texts that do not, at least one in each, none negative; may be empty
         */
        record Contrast(int[] positive, List<int[]> negatives) implements Target {

            /**
             * Keeps a list of its own.
             *
             * @throws IllegalArgumentException if a text has no token, or an id is negative
             */
            public Contrast {
                negatives = List.copyOf(negatives);
                requireText("the positive", positive);
                negatives.forEach(ids -> requireText("a negative", ids));
            }

            @Override
            public List<int[]> sequences(int[] own) {
                List<int[]> all = new ArrayList<>(List.of(own, positive));
                all.addAll(negatives);
                return all;
            }
        }

        /**
         * How alike another text is.
         *
         * @param other its tokens, at least one, none negative
         * @param score the cosine that the two vectors should have, from -1 to 1
         */
        record Similarity(int[] other, float score) implements Target {

            /**
             * Checks both.
             *
             * @throws IllegalArgumentException if there is no token, an id is negative, or no two vectors have such a cosine
             */
            public Similarity {
                requireText("the other text", other);
                if (!(score >= -1 && score <= 1)) {
                    throw new IllegalArgumentException("a score must be a cosine, from -1 to 1, got " + score);
                }
            }

            @Override
            public List<int[]> sequences(int[] own) {
                return List.of(own, other);
            }
        }
    }
}
