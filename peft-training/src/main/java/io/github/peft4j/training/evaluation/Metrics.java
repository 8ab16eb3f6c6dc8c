package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Several metrics of one kind of prediction.
 *
 * @param all in the order in which they are reported
 * @param <P> what is predicted of all rows, see {@link Metric}
 */
public record Metrics<P>(List<Metric<P>> all) {

    /** Checks that keys differ. */
    public Metrics {
        all = List.copyOf(all);
        List<String> repeated =
                all.stream().map(Metric::key).collect(Collectors.groupingBy(key -> key)).values().stream()
                        .filter(same -> same.size() > 1)
                        .map(same -> same.get(0))
                        .sorted()
                        .toList();
        if (!repeated.isEmpty()) {
            throw new IllegalArgumentException(
                    "more than one metric has the key " + String.join(", ", repeated) + ": each needs its own");
        }
    }

    /** Of rows with one class each: accuracy, f1_macro, f1_micro, matthews_corrcoef. */
    public static Metrics<int[]> ofClasses() {
        return new Metrics<>(List.<Metric<int[]>>of(ClassMetric.values()));
    }

    /** Of rows with several labels: accuracy, f1_macro, f1_micro. */
    public static Metrics<boolean[][]> ofLabels() {
        return new Metrics<>(List.<Metric<boolean[][]>>of(LabelMetric.values()));
    }

    /** Of rows with scores: mse, mae, pearsonr, spearmanr. */
    public static Metrics<double[][]> ofScores() {
        return new Metrics<>(List.<Metric<double[][]>>of(ScoreMetric.values()));
    }

    /** These, and others behind them. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public final Metrics<P> and(Metric<P>... more) {
        return new Metrics<>(Stream.concat(all.stream(), Arrays.stream(more)).toList());
    }

    /** Their keys, in the order of {@link #of}. */
    public List<String> keys() {
        return all.stream().map(Metric::key).toList();
    }

    /**
     * All of them by key, in their order. Some may be not a number, which JSON has no word for.
     *
     * @param predicted what a model said, row by row
     * @param expected what is right, in the same order
     * @throws IllegalArgumentException if there are no rows, or not as many of the one as of the other
     */
    public Map<String, Double> of(P predicted, P expected) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        all.forEach(metric -> numbers.put(metric.key(), metric.of(predicted, expected)));
        return Collections.unmodifiableMap(numbers);
    }
}
