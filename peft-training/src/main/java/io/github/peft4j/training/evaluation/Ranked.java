package io.github.peft4j.training.evaluation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How rows are ranked by what a model says of each class or label, beside those to which it applies. Of two classes it is class 1 that counts;
 * of more, or of labels, each in its turn, and numbers are the mean.
 */
final class Ranked {

    /** What a class and a label are called in messages. */
    private static final String CLASS = "class";

    private static final String LABEL = "label";

    /** One score of all rows. */
    private interface Column {
        double[] scores(int number);
    }

    /** Whether a class or label applies to a row. */
    private interface Membership {
        boolean has(int row, int number);
    }

    private final String what;
    private final int rows;
    private final int first;
    private final int count;
    private final Column column;
    private final Membership membership;

    private Ranked(String what, int rows, int first, int count, Column column, Membership membership) {
        this.what = what;
        this.rows = rows;
        this.first = first;
        this.count = count;
        this.column = column;
        this.membership = membership;
    }

    /**
     * By the softmax of outputs.
     *
     * @param outputs [B][C]
     */
    static Ranked ofClasses(List<float[]> outputs, int[] expected) {
        int rows = outputs.size();
        double[] largest = new double[rows];
        double[] sums = new double[rows];
        for (int row = 0; row < rows; row++) {
            largest[row] = Double.NEGATIVE_INFINITY;
            for (float output : outputs.get(row)) {
                largest[row] = Math.max(largest[row], output);
            }
            for (float output : outputs.get(row)) {
                sums[row] += Math.exp(output - largest[row]);
            }
        }
        int classes = outputs.get(0).length;
        return new Ranked(
                CLASS,
                rows,
                classes == 2 ? 1 : 0,
                classes,
                number -> IntStream.range(0, rows)
                        .mapToDouble(row -> Math.exp(outputs.get(row)[number] - largest[row]) / sums[row])
                        .toArray(),
                (row, number) -> expected[row] == number);
    }

    /**
     * By the sigmoid of outputs.
     *
     * @param outputs [B][C]
     */
    static Ranked ofLabels(List<float[]> outputs, boolean[][] expected) {
        return new Ranked(
                LABEL,
                outputs.size(),
                0,
                outputs.get(0).length,
                number -> outputs.stream()
                        .mapToDouble(row -> 1 / (1 + Math.exp(-row[number])))
                        .toArray(),
                (row, number) -> expected[row][number]);
    }

    /** {@code roc_auc_score}: of several classes one against the rest ({@code multi_class="ovr"}), of these and of labels the mean. */
    double rocAuc() {
        return mean(Ranking::rocAuc);
    }

    /** {@code average_precision_score}: of several classes and of labels the mean. */
    double averagePrecision() {
        // As there, where each of several classes must be among the rows, while a label that applies nowhere has 0.
        return what.equals(CLASS) && count > 2 && missing() >= 0 ? Double.NaN : mean(Ranking::averagePrecision);
    }

    private double mean(ToDoubleFunction<Ranking> of) {
        double sum = 0;
        for (int number = first; number < count && !Double.isNaN(sum); number++) {
            sum += of.applyAsDouble(ranking(number));
        }
        return sum / (count - first);
    }

    private Ranking ranking(int number) {
        return Ranking.of(column.scores(number), row -> membership.has(row, number));
    }

    /** The first class or label that applies to no row, or -1. */
    private int missing() {
        return IntStream.range(first, count)
                .filter(number -> members(number) == 0)
                .findFirst()
                .orElse(-1);
    }

    private long members(int number) {
        return IntStream.range(0, rows)
                .filter(row -> membership.has(row, number))
                .count();
    }

    /** Why there is no number. */
    String whyUndefined() {
        for (int number = first; number < count; number++) {
            long members = members(number);
            if (members == 0 || members == rows) {
                return (members == 0 ? "no row has " : "every row has ") + what + " " + number;
            }
        }
        return "an output is not a number";
    }
}
