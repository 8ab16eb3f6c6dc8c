package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.classification.SequenceClassifier;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What was predicted of some rows beside what is right, for {@link Metrics} to judge. */
public sealed interface Judged {

    /** How often each class was taken for which; empty where rows have no class of their own. */
    default List<List<Long>> confusion() {
        return List.of();
    }

    /** Rows with one class each, numbered from 0. */
    final class Classes implements Judged {

        /** The most classes that {@link #confusion} has a place for. */
        public static final int MOST_IN_CONFUSION = 100;

        private final int count;
        private final int[] predicted;
        private final int[] expected;
        private final Confusion counts;
        private final @Nullable Ranked ranked;

        private Classes(int count, int[] predicted, int[] expected, @Nullable Ranked ranked) {
            this.count = count;
            this.predicted = predicted;
            this.expected = expected;
            this.counts = Confusion.ofClasses(predicted, expected);
            this.ranked = ranked;
        }

        /**
         * By a model's outputs: the largest says the class, and their softmax how sure it is, in float64.
         *
         * @param outputs [B][C]
         * @param expected [B]
         * @throws IllegalArgumentException if there are no rows, or not as many of each, or of unlike widths, or a class is none of 0 to C - 1
         */
        public static Classes of(List<float[]> outputs, int[] expected) {
            Checks.sameRows(outputs.size(), expected.length);
            int classes = Checks.width("outputs", outputs.size(), row -> outputs.get(row).length);
            for (int row = 0; row < expected.length; row++) {
                if (expected[row] >= classes) {
                    throw new IllegalArgumentException("row " + row + " is of class " + expected[row]
                            + ", but has outputs for the classes 0 to " + (classes - 1));
                }
            }
            int[] predicted =
                    outputs.stream().mapToInt(SequenceClassifier::largest).toArray();
            return new Classes(classes, predicted, expected.clone(), Ranked.ofClasses(outputs, expected.clone()));
        }

        /**
         * By the classes alone; what ranks rows by how sure a model is, is then not defined.
         *
         * @param predicted [B]
         * @param expected [B]
         * @throws IllegalArgumentException if there are no rows, or not as many of each, or a class is below 0
         */
        public static Classes of(int[] predicted, int[] expected) {
            Checks.sameRows(predicted.length, expected.length);
            int largest = IntStream.concat(Arrays.stream(predicted), Arrays.stream(expected))
                    .max()
                    .orElse(0);
            return new Classes(largest + 1, predicted.clone(), expected.clone(), null);
        }

        /** Rows of class i that were taken for class j, in row i and column j; empty if there are more than {@value #MOST_IN_CONFUSION} classes. */
        @Override
        public List<List<Long>> confusion() {
            if (count < 1 || count > MOST_IN_CONFUSION) {
                return List.of();
            }
            long[][] matrix = new long[count][count];
            for (int row = 0; row < expected.length; row++) {
                matrix[expected[row]][predicted[row]]++;
            }
            return Arrays.stream(matrix)
                    .map(row -> Arrays.stream(row).boxed().toList())
                    .toList();
        }

        Confusion counts() {
            return counts;
        }

        @Nullable
        Ranked ranked() {
            return ranked;
        }
    }

    /** Rows to which any of several labels apply. */
    final class Labels implements Judged {

        private final Confusion counts;
        private final @Nullable Ranked ranked;

        private Labels(boolean[][] predicted, boolean[][] expected, @Nullable Ranked ranked) {
            Checks.sameRows(predicted.length, expected.length);
            Checks.sameWidths("labels", predicted.length, row -> predicted[row].length, row -> expected[row].length);
            this.counts = Confusion.ofLabels(predicted, expected);
            this.ranked = ranked;
        }

        /**
         * By a model's outputs: one above 0 says that its label applies.
         *
         * @param outputs [B][C]
         * @param expected [B][C]
         * @throws IllegalArgumentException if there are no rows, or not as many of each, or of unlike widths
         */
        public static Labels of(List<float[]> outputs, boolean[][] expected) {
            boolean[][] predicted = new boolean[outputs.size()][];
            for (int row = 0; row < predicted.length; row++) {
                float[] own = outputs.get(row);
                predicted[row] = new boolean[own.length];
                for (int c = 0; c < own.length; c++) {
                    predicted[row][c] = own[c] > 0;
                }
            }
            Checks.sameRows(predicted.length, expected.length);
            return new Labels(predicted, expected, Ranked.ofLabels(outputs, expected));
        }

        /**
         * By the labels alone; what ranks rows by how sure a model is, is then not defined.
         *
         * @param predicted [B][C]
         * @param expected [B][C]
         * @throws IllegalArgumentException if there are no rows, or not as many of each, or of unlike widths
         */
        public static Labels of(boolean[][] predicted, boolean[][] expected) {
            return new Labels(predicted, expected, null);
        }

        Confusion counts() {
            return counts;
        }

        @Nullable
        Ranked ranked() {
            return ranked;
        }
    }

    /**
     * Rows with scores.
     *
     * @param predicted [B][C]
     * @param expected [B][C]
     */
    record Scores(List<double[]> predicted, List<double[]> expected) implements Judged {

        /**
         * Keeps lists of its own.
         *
         * @throws IllegalArgumentException if there are no rows, or not as many of each, or of unlike widths
         */
        public Scores {
            predicted = List.copyOf(predicted);
            expected = List.copyOf(expected);
            List<double[]> said = predicted;
            List<double[]> right = expected;
            Checks.sameRows(said.size(), right.size());
            Checks.sameWidths("scores", said.size(), row -> said.get(row).length, row -> right.get(row).length);
        }
    }

    /**
     * Queries, and where among all documents the relevant ones of each were found.
     *
     * @param places for each query those of its relevant documents, at least one, from 1, ascending
     */
    record Found(List<int[]> places) implements Judged {

        /**
         * Keeps a list of its own.
         *
         * @throws IllegalArgumentException if there is no query, or one has no relevant document, or places are not from 1 and ascending
         */
        public Found {
            places = List.copyOf(places);
            Checks.sameRows(places.size(), places.size());
            for (int query = 0; query < places.size(); query++) {
                int before = 0;
                for (int place : places.get(query)) {
                    if (place <= before) {
                        throw new IllegalArgumentException("query " + query + " has a relevant document in place "
                                + place + " behind one in place " + before
                                + ": places are numbered from 1, and ascend");
                    }
                    before = place;
                }
                if (before == 0) {
                    throw new IllegalArgumentException("query " + query + " has no relevant document");
                }
            }
        }
    }

    /** Rows of tags such as {@code B-PER}, which say where entities begin and how far they go; judged by whole entities, as seqeval does. */
    final class Tags implements Judged {

        private final Confusion counts;

        private Tags(Entities scheme, List<List<String>> predicted, List<List<String>> expected) {
            Checks.sameRows(predicted.size(), expected.size());
            for (int row = 0; row < expected.size(); row++) {
                int said = predicted.get(row).size();
                int right = expected.get(row).size();
                if (said != right) {
                    throw new IllegalArgumentException("row " + row + " has " + said + " predicted and " + right
                            + " right tags: there must be as many of each");
                }
            }
            this.counts = Confusion.ofTags(scheme, predicted, expected);
        }

        /**
         * Entities as {@code conlleval} and seqeval's default mode find them, in IOB1, IOB2, IOE and IOBES alike: one also begins with an
         * {@code I-} whose type is another than before.
         *
         * @throws IllegalArgumentException if there are no rows, or not as many rows or tags of each, or a tag is empty
         */
        public static Tags of(List<List<String>> predicted, List<List<String>> expected) {
            return new Tags(Entities.LENIENT, predicted, expected);
        }

        /**
         * Entities as seqeval finds them with {@code mode="strict", scheme=IOB2}: each begins with {@code B-}, and an {@code I-} that continues
         * none is none.
         *
         * @throws IllegalArgumentException as {@link #of}, or if a tag is none of IOB2's
         */
        public static Tags strictIob2(List<List<String>> predicted, List<List<String>> expected) {
            return new Tags(Entities.STRICT_IOB2, predicted, expected);
        }

        Confusion counts() {
            return counts;
        }
    }
}
