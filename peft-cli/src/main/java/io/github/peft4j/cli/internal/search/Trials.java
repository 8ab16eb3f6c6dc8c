package io.github.peft4j.cli.internal.search;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.batch.internal.RowBatches;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.evaluation.Metrics;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.report.Reports;
import io.github.peft4j.training.search.internal.Search;
import io.github.peft4j.training.search.internal.TrialRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Trains trials on one model, which is loaded once, and anew only after one that trained all of it. */
final class Trials implements Search.Trainer, AutoCloseable {

    /** Loads the model. */
    interface Loader {
        Model<?> load() throws IOException;
    }

    private final Session session;
    private final Map<Map<String, String>, TrialOptions.Read> trials;
    private final Loader loader;
    private final TrainingDataOptions data;
    private final TrainingDataOptions.Sets sets;
    private final @Nullable Objective objective;
    private final List<Row> heldOut;
    private @Nullable Model<?> base;

    Trials(
            Session session,
            Map<Map<String, String>, TrialOptions.Read> trials,
            Loader loader,
            TrainingDataOptions data,
            TrainingDataOptions.Sets sets,
            @Nullable Objective objective) {
        this.session = session;
        this.trials = trials;
        this.loader = loader;
        this.data = data;
        this.sets = sets;
        this.objective = objective;
        this.heldOut = Objects.requireNonNull(sets.heldOut()).rows();
    }

    /**
     * Checks that there is something to learn, and to compare by.
     *
     * @throws BadInput if not
     */
    void check(RowOptions rows) throws IOException {
        data.check(sets, rows, base());
    }

    /**
     * Whether less of a metric is better.
     *
     * @throws BadInput if trials are not measured by it
     */
    boolean lessIsBetter(String metric) throws IOException {
        if (metric.equals(TrialRun.LOSS)) {
            return true;
        }
        Metrics<?> metrics = new Evaluation(heldOut).metrics(base());
        if (!metrics.keys().contains(metric)) {
            List<String> known = new ArrayList<>(List.of(TrialRun.LOSS));
            known.addAll(metrics.keys());
            throw new BadInput("--metric " + metric + ": there is no such metric here, expected one of "
                    + String.join(", ", known));
        }
        return metrics.lessIsBetter(metric);
    }

    /** What the numbers of all trials depend on. */
    Map<String, String> plan(List<String> fixed) throws IOException {
        Map<String, String> plan = new TreeMap<>();
        TrialOptions.Read any = trials.values().iterator().next();
        plan.put("data", new RowBatches(sets.rows().rows(), any.config()).fingerprint());
        plan.put("held out", new RowBatches(heldOut, any.config()).fingerprint());
        plan.put(
                "model",
                base().anatomy().className() + ", " + base().parameterCount() + " parameters, "
                        + base().precision().text());
        plan.put("options", String.join(" ", fixed.stream().sorted().toList()));
        if (objective != null) {
            plan.put("objective", objective.settings().toString());
        }
        plan.put("shuffle", String.valueOf(any.config().shuffle()));
        return plan;
    }

    private Model<?> base() throws IOException {
        if (base == null) {
            base = loader.load();
        }
        return base;
    }

    @Override
    public Map<String, Double> train(Search.Trial trial) throws IOException {
        TrialOptions.Read read = Objects.requireNonNull(trials.get(trial.settings()));
        Console console = session.console();
        List<TrainingListener> listeners =
                console.terminal() ? List.of(Reports.progress(console.err(), console.width())) : List.of();
        TrialRun run = new TrialRun(
                read.part(),
                read.config(),
                objective,
                data.source(sets, read.config()),
                new Evaluation(heldOut),
                listeners,
                session.interruption()::requested);
        try {
            return run.run(base(), trial);
        } finally {
            if (read.part().method().equals(TrainedPart.FULL)) {
                close();
            }
        }
    }

    @Override
    public void close() {
        if (base != null) {
            base.close();
            base = null;
        }
    }
}
