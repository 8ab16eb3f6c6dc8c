package io.github.peft4j.training.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * A number about the first k documents that are found, as the mean over queries.
 *
 * @param name before the k
 * @param k how many documents are looked at
 * @param ofQuery from the places of its relevant documents, from 1 and ascending, and k
 * @see <a href="https://sbert.net/docs/package_reference/sentence_transformer/evaluation.html">sentence-transformers'
 *     InformationRetrievalEvaluator</a>
 */
record FoundMetric(String name, int k, ToDoubleBiFunction<int[], Integer> ofQuery) implements Metric<Judged.Found> {

    private static final List<Integer> DEPTHS = List.of(1, 3, 5, 10);

    static List<Metric<Judged.Found>> all() {
        List<Metric<Judged.Found>> all = new ArrayList<>();
        all.add(new FoundMetric("accuracy", 1, FoundMetric::accuracy));
        all.add(new FoundMetric("mrr", 10, (places, k) -> accuracy(places, k) / places[0]));
        all.add(new FoundMetric("ndcg", 10, FoundMetric::ndcg));
        all.add(new FoundMetric("map", 100, FoundMetric::averagePrecision));
        DEPTHS.stream().skip(1).forEach(k -> all.add(new FoundMetric("accuracy", k, FoundMetric::accuracy)));
        DEPTHS.forEach(k ->
                all.add(new FoundMetric("precision", k, (places, most) -> (double) hits(places, most) / most)));
        DEPTHS.forEach(k ->
                all.add(new FoundMetric("recall", k, (places, most) -> (double) hits(places, most) / places.length)));
        return all;
    }

    @Override
    public String key() {
        return name + "@" + k;
    }

    @Override
    public double of(Judged.Found judged) {
        return judged.places().stream()
                .mapToDouble(places -> ofQuery.applyAsDouble(places, k))
                .average()
                .orElse(Double.NaN);
    }

    private static int hits(int[] places, int k) {
        return (int) Arrays.stream(places).filter(place -> place <= k).count();
    }

    /** Whether there is a relevant one. */
    private static double accuracy(int[] places, int k) {
        return places[0] <= k ? 1 : 0;
    }

    /** The gain of the relevant ones, which the logarithm of their place divides, over what it would be if they all came first. */
    private static double ndcg(int[] places, int k) {
        double gain = 0;
        double best = 0;
        for (int i = 0; i < Math.min(k, places.length); i++) {
            gain += places[i] <= k ? gain(places[i]) : 0;
            best += gain(i + 1);
        }
        return gain / best;
    }

    private static double gain(int place) {
        return Math.log(2) / Math.log(place + 1);
    }

    private static double averagePrecision(int[] places, int k) {
        double sum = 0;
        for (int i = 0; i < hits(places, k); i++) {
            sum += (i + 1.0) / places[i];
        }
        return sum / Math.min(k, places.length);
    }
}
