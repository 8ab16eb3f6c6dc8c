package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Metrics of rows with scores, as in scikit-learn and SciPy. With several scores per row each is the mean over the scores of what it is of one.
 *
 * @see <a href="https://scikit-learn.org/stable/modules/model_evaluation.html">scikit-learn</a>
 * @see <a href="https://docs.scipy.org/doc/scipy/reference/stats.html">SciPy</a>
 */
enum ScoreMetric implements Metric<double[][]> {

    /** The mean squared error, {@code mean_squared_error}. */
    MSE {
        @Override
        double column(double[] predicted, double[] expected) {
            return IntStream.range(0, predicted.length)
                            .mapToDouble(row -> Math.pow(predicted[row] - expected[row], 2))
                            .sum()
                    / predicted.length;
        }
    },

    /** The mean absolute error, {@code mean_absolute_error}. */
    MAE {
        @Override
        double column(double[] predicted, double[] expected) {
            return IntStream.range(0, predicted.length)
                            .mapToDouble(row -> Math.abs(predicted[row] - expected[row]))
                            .sum()
                    / predicted.length;
        }
    },

    /** Pearson's correlation, {@code scipy.stats.pearsonr}: not a number if either side is constant, or of less than two rows. */
    PEARSONR {
        @Override
        double column(double[] predicted, double[] expected) {
            return Correlation.pearson(predicted, expected);
        }
    },

    /** Pearson's correlation of ranks, {@code scipy.stats.spearmanr}: equal scores share the mean of their ranks. Not a number as {@link #PEARSONR}. */
    SPEARMANR {
        @Override
        double column(double[] predicted, double[] expected) {
            return Correlation.spearman(predicted, expected);
        }
    };

    abstract double column(double[] predicted, double[] expected);

    @Override
    public double of(double[][] predicted, double[][] expected) {
        RowPairs.check(predicted.length, expected.length);
        RowPairs.checkWidths("scores", predicted.length, row -> predicted[row].length, row -> expected[row].length);
        return IntStream.range(0, predicted[0].length)
                        .mapToDouble(score -> column(values(predicted, score), values(expected, score)))
                        .sum()
                / predicted[0].length;
    }

    private static double[] values(double[][] rows, int score) {
        return Arrays.stream(rows).mapToDouble(row -> row[score]).toArray();
    }

    @Override
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
