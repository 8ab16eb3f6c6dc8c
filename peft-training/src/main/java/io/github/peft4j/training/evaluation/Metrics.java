package io.github.peft4j.training.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several metrics of one kind of prediction.
 *
 * @param <J> what is judged
 */
public final class Metrics<J extends Judged> {

    private final List<Metric<J>> all;

    /**
     * Those that are given.
     *
     * @param all in the order in which they are reported, each with a key of its own
     */
    Metrics(List<Metric<J>> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Of rows with one class each: accuracy, f1_macro, f1_micro, matthews_corrcoef; of two classes f1, precision and recall of class 1; f1_weighted,
     * precision and recall with each average, roc_auc, average_precision.
     *
     * @param classes C, how many there are
     */
    public static Metrics<Judged.Classes> ofClasses(int classes) {
        return new Metrics<>(KnownMetrics.ofClasses(classes));
    }

    /** Of rows with several labels: accuracy; f1, precision and recall with each average; roc_auc, average_precision. */
    public static Metrics<Judged.Labels> ofLabels() {
        return new Metrics<>(KnownMetrics.ofLabels());
    }

    /** Of rows with scores: mse, mae, pearsonr, spearmanr, r2. */
    public static Metrics<Judged.Scores> ofScores() {
        return new Metrics<>(List.<Metric<Judged.Scores>>of(ScoreMetric.values()));
    }

    /**
     * Of queries and what was found for them: accuracy@1, mrr@10, ndcg@10, map@100; accuracy, precision and recall at 1, 3, 5 and 10. Those of
     * sentence-transformers' {@code InformationRetrievalEvaluator}.
     */
    public static Metrics<Judged.Found> ofFound() {
        return new Metrics<>(FoundMetric.all());
    }

    /** Of the entities in rows of tags: f1, precision and recall, of all and as averages over their types; and the tags' accuracy. */
    public static Metrics<Judged.Tags> ofTags() {
        return new Metrics<>(KnownMetrics.ofTags());
    }

    /** Their keys, in the order of {@link #of}. */
    public List<String> keys() {
        return all.stream().map(Metric::key).toList();
    }

    /** Whether less is better of the one with a key; not of one that is not there. */
    public boolean lessIsBetter(String key) {
        return all.stream().anyMatch(metric -> metric.key().equals(key) && metric.lessIsBetter());
    }

    /** All of them. */
    public Found of(J judged) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        Map<String, String> undefined = new LinkedHashMap<>();
        for (Metric<J> metric : all) {
            double number = metric.of(judged);
            numbers.put(metric.key(), number);
            if (!Double.isFinite(number)) {
                undefined.put(
                        metric.key(), Double.isNaN(number) ? metric.whyUndefined(judged) : "it is beyond all numbers");
            }
        }
        return new Found(numbers, undefined, judged.confusion());
    }

    /**
     * What was found.
     *
     * @param numbers by key, in the metrics' order; not a number, or infinite, where one is not defined, for which JSON has no word
     * @param undefined why, by the keys of those
     * @param confusion of rows with one class each {@link Judged.Classes#confusion}; else empty
     */
    public record Found(Map<String, Double> numbers, Map<String, String> undefined, List<List<Long>> confusion) {

        /** Nothing: of what nobody judges. */
        public static final Found NOTHING = new Found(Map.of(), Map.of(), List.of());

        /** Copies all. */
        public Found {
            numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
            undefined = Collections.unmodifiableMap(new LinkedHashMap<>(undefined));
            confusion = confusion.stream().map(List::copyOf).toList();
        }

        /** Those numbers that are defined. */
        public Map<String, Double> defined() {
            Map<String, Double> defined = new LinkedHashMap<>(numbers);
            defined.keySet().removeAll(undefined.keySet());
            return defined;
        }
    }
}
