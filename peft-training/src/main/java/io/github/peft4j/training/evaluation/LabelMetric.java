package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.Locale;

/**
 * Metrics of rows to which any of several labels apply, as in scikit-learn for indicator matrices: a row of predictions has a place for each
 * label.
 *
 * @see <a href="https://scikit-learn.org/stable/modules/model_evaluation.html">scikit-learn</a>
 */
enum LabelMetric implements Metric<boolean[][]> {

    /** The share of rows whose labels are all right. */
    ACCURACY {
        @Override
        double defined(boolean[][] predicted, boolean[][] expected) {
            int same = 0;
            for (int row = 0; row < predicted.length; row++) {
                same += Arrays.equals(predicted[row], expected[row]) ? 1 : 0;
            }
            return same / (double) predicted.length;
        }
    },

    /**
     * The mean of the labels' F1, {@code f1_score} with {@code average="macro"}: of all labels; 0 for one that applies nowhere, predicted or
     * right.
     */
    F1_MACRO {
        @Override
        double defined(boolean[][] predicted, boolean[][] expected) {
            return Confusion.ofLabels(predicted, expected).f1Macro();
        }
    },

    /** F1 of all labels' counts together, {@code f1_score} with {@code average="micro"}; 0 if none applies anywhere. */
    F1_MICRO {
        @Override
        double defined(boolean[][] predicted, boolean[][] expected) {
            return Confusion.ofLabels(predicted, expected).f1Micro();
        }
    };

    abstract double defined(boolean[][] predicted, boolean[][] expected);

    @Override
    public double of(boolean[][] predicted, boolean[][] expected) {
        RowPairs.check(predicted.length, expected.length);
        RowPairs.checkWidths("labels", predicted.length, row -> predicted[row].length, row -> expected[row].length);
        return defined(predicted, expected);
    }

    @Override
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
