package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Metrics of rows with scores, as in scikit-learn and SciPy. With several scores per row each is the mean over the scores of what it is of one.
 *
 * @see <a href="https://scikit-learn.org/stable/modules/model_evaluation.html">scikit-learn</a>
 * @see <a href="https://docs.scipy.org/doc/scipy/reference/stats.html">SciPy</a>
 */
enum ScoreMetric implements Metric<Judged.Scores> {

    /** The mean squared error, {@code mean_squared_error}. */
    MSE {
        @Override
        double column(double[] predicted, double[] expected) {
            return squares(predicted, expected) / predicted.length;
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
    },

    /**
     * The share of the targets' variance that predictions account for, {@code r2_score}; of constant targets 1 if all are met and else 0. Not a
     * number of less than two rows.
     */
    R2 {
        @Override
        double column(double[] predicted, double[] expected) {
            if (predicted.length < 2) {
                return Double.NaN;
            }
            double[] mean = new double[expected.length];
            Arrays.fill(mean, Arrays.stream(expected).sum() / expected.length);
            double left = squares(predicted, expected);
            double all = squares(mean, expected);
            if (all == 0) {
                return left == 0 ? 1 : 0;
            }
            return 1 - left / all;
        }
    };

    abstract double column(double[] predicted, double[] expected);

    private static double squares(double[] predicted, double[] expected) {
        return IntStream.range(0, predicted.length)
                .mapToDouble(row -> Math.pow(predicted[row] - expected[row], 2))
                .sum();
    }

    @Override
    public double of(Judged.Scores judged) {
        int scores = judged.predicted().get(0).length;
        return IntStream.range(0, scores)
                        .mapToDouble(
                                score -> column(values(judged.predicted(), score), values(judged.expected(), score)))
                        .sum()
                / scores;
    }

    @Override
    public String whyUndefined(Judged.Scores judged) {
        if (judged.predicted().size() < 2) {
            return "there is only one row";
        }
        return judged.predicted().stream().flatMapToDouble(Arrays::stream).anyMatch(Double::isNaN)
                ? "a score is not a number"
                : "all predictions, or all targets, are equal";
    }

    @Override
    public boolean lessIsBetter() {
        return this == MSE || this == MAE;
    }

    private static double[] values(List<double[]> rows, int score) {
        return rows.stream().mapToDouble(row -> row[score]).toArray();
    }

    @Override
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
