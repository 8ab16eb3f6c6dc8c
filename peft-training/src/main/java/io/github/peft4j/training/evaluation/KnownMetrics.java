package io.github.peft4j.training.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of what is counted or ranked, as in scikit-learn with {@code zero_division=0}, and of entities as in seqeval.
 *
 * @see <a href="https://scikit-learn.org/stable/modules/model_evaluation.html">scikit-learn</a>
 * @see <a href="https://github.com/chakki-works/seqeval">seqeval</a>
 */
final class KnownMetrics {

    /** What follows from the counts of one class, or of all together, by name. */
    private static final Map<String, ToDoubleFunction<Confusion.Counts>> RATIOS = new LinkedHashMap<>();

    static {
        RATIOS.put("f1", Confusion.Counts::f1);
        RATIOS.put("precision", Confusion.Counts::precision);
        RATIOS.put("recall", Confusion.Counts::recall);
    }

    private static final String ACCURACY = "accuracy";

    private KnownMetrics() {}

    /** A metric that looks at counts. */
    private record Counted<J extends Judged>(
            String key, Function<J, Confusion> counts, ToDoubleFunction<Confusion> number) implements Metric<J> {

        @Override
        public double of(J judged) {
            return number.applyAsDouble(counts.apply(judged));
        }

        /** Only rows of tags can hold nothing to count. */
        @Override
        public String whyUndefined(J judged) {
            return key.equals(ACCURACY) ? "there is no tag" : "there is no entity, predicted or right";
        }
    }

    /** A metric that looks at how rows are ranked. */
    private record OfRanks<J extends Judged>(
            String key, Function<J, @Nullable Ranked> ranked, ToDoubleFunction<Ranked> number) implements Metric<J> {

        @Override
        public double of(J judged) {
            Ranked ranks = ranked.apply(judged);
            return ranks == null ? Double.NaN : number.applyAsDouble(ranks);
        }

        @Override
        public String whyUndefined(J judged) {
            Ranked ranks = ranked.apply(judged);
            return ranks == null ? "there are no outputs to rank rows by" : ranks.whyUndefined();
        }
    }

    static List<Metric<Judged.Classes>> ofClasses(int classes) {
        Function<Judged.Classes, Confusion> counts = Judged.Classes::counts;
        List<Metric<Judged.Classes>> own = new ArrayList<>();
        own.add(new Counted<>("matthews_corrcoef", counts, Confusion::matthews));
        if (classes == 2) {
            RATIOS.forEach((name, ratio) ->
                    own.add(new Counted<>(name, counts, confusion -> ratio.applyAsDouble(confusion.only(1)))));
        }
        return ofOutputs(counts, Judged.Classes::ranked, own);
    }

    static List<Metric<Judged.Labels>> ofLabels() {
        return ofOutputs(Judged.Labels::counts, Judged.Labels::ranked, List.of());
    }

    static List<Metric<Judged.Tags>> ofTags() {
        Function<Judged.Tags, Confusion> counts = Judged.Tags::counts;
        List<Metric<Judged.Tags>> all = new ArrayList<>();
        all.add(new Counted<>(ACCURACY, counts, Confusion::accuracy));
        RATIOS.forEach((name, ratio) ->
                all.add(new Counted<>(name, counts, confusion -> ratio.applyAsDouble(confusion.sum()))));
        RATIOS.keySet().forEach(name -> {
            all.add(averaged(name, Average.MACRO, counts));
            all.add(averaged(name, Average.WEIGHTED, counts));
        });
        return all;
    }

    /**
     * Those of classes and of labels alike.
     *
     * @param own those of one kind only, which stand behind the ones that people look at first
     */
    private static <J extends Judged> List<Metric<J>> ofOutputs(
            Function<J, Confusion> counts, Function<J, @Nullable Ranked> ranked, List<Metric<J>> own) {
        List<Metric<J>> all = new ArrayList<>();
        all.add(new Counted<>(ACCURACY, counts, Confusion::accuracy));
        all.add(averaged("f1", Average.MACRO, counts));
        all.add(averaged("f1", Average.MICRO, counts));
        all.addAll(own);
        all.add(averaged("f1", Average.WEIGHTED, counts));
        for (String ratio : List.of("precision", "recall")) {
            for (Average average : Average.values()) {
                all.add(averaged(ratio, average, counts));
            }
        }
        all.add(new OfRanks<>("roc_auc", ranked, Ranked::rocAuc));
        all.add(new OfRanks<>("average_precision", ranked, Ranked::averagePrecision));
        return all;
    }

    private static <J extends Judged> Metric<J> averaged(String ratio, Average average, Function<J, Confusion> counts) {
        ToDoubleFunction<Confusion.Counts> number = Objects.requireNonNull(RATIOS.get(ratio));
        return new Counted<>(average.key(ratio), counts, confusion -> average.of(confusion, number));
    }
}
