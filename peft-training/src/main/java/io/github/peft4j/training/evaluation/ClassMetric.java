package io.github.peft4j.training.evaluation;

import java.util.Locale;

/**
 * Metrics of rows that have one class each, numbered from 0, as in scikit-learn.
 *
 * @see <a href="https://scikit-learn.org/stable/modules/model_evaluation.html">scikit-learn</a>
 */
enum ClassMetric implements Metric<int[]> {

    /** The share of rows whose class is right. */
    ACCURACY {
        @Override
        double of(Confusion counts) {
            return counts.correct() / (double) counts.rows();
        }
    },

    /** The mean of the classes' F1, {@code f1_score} with {@code average="macro"}: of the classes that are predicted or right anywhere. */
    F1_MACRO {
        @Override
        double of(Confusion counts) {
            return counts.f1Macro();
        }
    },

    /** F1 of all classes' counts together, {@code f1_score} with {@code average="micro"}: with one class per row the accuracy. */
    F1_MICRO {
        @Override
        double of(Confusion counts) {
            return counts.f1Micro();
        }
    },

    /**
     * Matthews' correlation of several classes: \((c s - \sum_k p_k t_k) / \sqrt{(s^2 - \sum_k p_k^2)(s^2 - \sum_k t_k^2)}\) with s rows, c of
     * them right, \(p_k\) predicted as and \(t_k\) of class k; 0 if all rows are predicted as, or are of, one class.
     */
    MATTHEWS_CORRCOEF {
        @Override
        double of(Confusion counts) {
            return counts.matthews();
        }
    };

    abstract double of(Confusion counts);

    @Override
    public double of(int[] predicted, int[] expected) {
        return of(Confusion.ofClasses(predicted, expected));
    }

    @Override
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
