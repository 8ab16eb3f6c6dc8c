package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * How well a score tells the rows that something applies to from the others: counted at each score that occurs, from the highest down, with equal
 * scores at once.
 *
 * @param with scores of the rows it applies to, ascending
 * @param without scores of the others, ascending
 */
record Ranking(double[] with, double[] without) {

    /** Rows by whether it applies to them. */
    static Ranking of(double[] scores, IntPredicate applies) {
        return new Ranking(sorted(scores, applies), sorted(scores, applies.negate()));
    }

    /** Adding zero makes one of both zeros. */
    private static double[] sorted(double[] scores, IntPredicate which) {
        return IntStream.range(0, scores.length)
                .filter(which)
                .mapToDouble(row -> scores[row] + 0.0)
                .sorted()
                .toArray();
    }

    /**
     * The area under the receiver operating characteristic: the share of pairs of a row it applies to and another one in which the first has the
     * higher score, equal ones counted half. Not a number without either, or with a score that is none.
     */
    double rocAuc() {
        if (with.length == 0 || without.length == 0 || hasNaN()) {
            return Double.NaN;
        }
        double ordered = 0;
        int below = 0;
        int notAbove = 0;
        for (double score : with) {
            while (below < without.length && without[below] < score) {
                below++;
            }
            notAbove = Math.max(notAbove, below);
            while (notAbove < without.length && without[notAbove] == score) {
                notAbove++;
            }
            ordered += (below + (double) notAbove) / 2;
        }
        return ordered / ((double) with.length * without.length);
    }

    /**
     * The sum of precisions, each times the rise of recall, over the scores that occur; 0 if it applies to no row. Not a number with a score that
     * is none.
     */
    double averagePrecision() {
        if (hasNaN()) {
            return Double.NaN;
        }
        double sum = 0;
        int others = without.length;
        int next = with.length;
        while (next > 0) {
            double score = with[next - 1];
            int from = next;
            while (next > 0 && with[next - 1] == score) {
                next--;
            }
            while (others > 0 && without[others - 1] >= score) {
                others--;
            }
            double found = with.length - next;
            sum += (from - next) * found / (found + without.length - others);
        }
        return with.length == 0 ? 0 : sum / with.length;
    }

    /** Sorting puts them last. */
    private boolean hasNaN() {
        return Arrays.stream(new double[][] {with, without})
                .anyMatch(scores -> scores.length > 0 && Double.isNaN(scores[scores.length - 1]));
    }
}
