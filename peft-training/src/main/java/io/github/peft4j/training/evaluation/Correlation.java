package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How two series of numbers go together. */
final class Correlation {

    private Correlation() {}

    static double pearson(double[] one, double[] other) {
        if (isConstant(one) || isConstant(other)) {
            return Double.NaN;
        }
        double[] a = direction(one);
        double[] b = direction(other);
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return Math.max(-1, Math.min(1, sum));
    }

    static double spearman(double[] one, double[] other) {
        if (hasNaN(one) || hasNaN(other)) {
            return Double.NaN;
        }
        return pearson(ranks(one), ranks(other));
    }

    /** Ranks from 1; equal numbers share the mean of theirs. */
    static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i] + 0.0))
                .mapToInt(i -> i)
                .toArray();
        double[] ranks = new double[values.length];
        int from = 0;
        while (from < order.length) {
            int to = from + 1;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                ranks[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return ranks;
    }

    /** Also what has one number only. */
    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(value -> value == values[0]);
    }

    private static boolean hasNaN(double[] values) {
        return Arrays.stream(values).anyMatch(Double::isNaN);
    }

    /** Distances from the mean, of length 1; scaled first, so that squares neither overflow nor vanish. */
    private static double[] direction(double[] values) {
        double mean = Arrays.stream(values).sum() / values.length;
        double[] centred = Arrays.stream(values).map(value -> value - mean).toArray();
        double largest = Arrays.stream(centred).map(Math::abs).max().orElseThrow();
        double[] scaled = Arrays.stream(centred).map(value -> value / largest).toArray();
        double norm =
                Math.sqrt(Arrays.stream(scaled).map(value -> value * value).sum());
        return Arrays.stream(scaled).map(value -> value / norm).toArray();
    }
}
