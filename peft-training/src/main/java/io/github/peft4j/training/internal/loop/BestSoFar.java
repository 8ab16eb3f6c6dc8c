package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.evaluation.Metrics;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which evaluation of a run was the best, and how many came after it: what transformers' {@code Trainer} and {@code EarlyStoppingCallback}
 * keep. It follows from what was logged, so a run that goes on from a checkpoint finds it there.
 *
 * <p>An equal number is no better one, and one that is not defined neither. A better one that is so by no more than the config's threshold is the best,
 * but does not make the run go on.
 */
final class BestSoFar {

    private static final String LOSS = "loss";

    private final @Nullable String metric;
    private final boolean lessIsBetter;
    private final TrainingConfig config;
    private TrainingResult.@Nullable Best best;
    private long since;

    private BestSoFar(@Nullable String metric, boolean lessIsBetter, TrainingConfig config) {
        this.metric = metric;
        this.lessIsBetter = lessIsBetter;
        this.config = config;
    }

    /**
     * None yet.
     *
     * @throws IllegalArgumentException if evaluations do not have the metric that the config names
     */
    static BestSoFar of(TrainingConfig config, @Nullable Evaluation evaluation, Model<?> model) {
        String metric = config.bestMetric();
        if (metric == null || metric.equals(LOSS)) {
            return new BestSoFar(metric, true, config);
        }
        Metrics<?> metrics = Objects.requireNonNull(evaluation).metrics(model);
        if (!metrics.keys().contains(metric)) {
            List<String> names = new ArrayList<>(List.of(LOSS));
            names.addAll(metrics.keys());
            throw new IllegalArgumentException("the best weights are to be kept by " + metric
                    + ", which evaluations of this model do not have: expected one of " + String.join(", ", names));
        }
        return new BestSoFar(metric, metrics.lessIsBetter(metric), config);
    }

    /** Whether the best weights are to be kept. */
    boolean wanted() {
        return metric != null;
    }

    /** What an earlier part of the run has logged. */
    void recall(List<TrainingListener.Logged> history) {
        history.stream()
                .filter(entry -> entry.value("eval_" + LOSS).isPresent())
                .forEach(this::note);
    }

    /**
     * The model was evaluated.
     *
     * @return whether this is the best now
     */
    boolean note(TrainingListener.Logged evaluation) {
        if (metric == null) {
            return false;
        }
        double value = evaluation.value("eval_" + metric).orElse(Double.NaN);
        boolean better =
                best == null ? !Double.isNaN(value) : lessIsBetter ? value < best.value() : value > best.value();
        boolean enough = better && (best == null || Math.abs(value - best.value()) > config.earlyStoppingThreshold());
        since = enough ? 0 : since + 1;
        if (better) {
            best = new TrainingResult.Best(metric, value, evaluation.step());
        }
        return better;
    }

    /** Whether to wait no longer for a better one. */
    boolean isExhausted() {
        return config.earlyStopping() > 0 && since >= config.earlyStopping();
    }

    /** The best, or null if there is none. */
    TrainingResult.@Nullable Best best() {
        return best;
    }

    /** Steps done at the best evaluation, or -1 if there is none. */
    long step() {
        return best == null ? -1 : best.step();
    }
}
