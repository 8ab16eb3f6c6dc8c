package io.github.peft4j.training.search.internal;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.internal.state.TrainingPlan;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains one trial as far as it says and measures it. A share that is broken off goes on where it was with the next, to the bit: the schedule is that of the
 * whole training from the first step on.
 *
 * @param part what is trained
 * @param config of the whole training
 * @param objective what is learned, or null for what the model's head learns by itself
 * @param source what it is trained on, cut as the config says
 * @param evaluation what it is measured on
 * @param listeners told of the training
 * @param stop says that the whole search is to stop
 */
public record TrialRun(
        TrainedPart part,
        TrainingConfig config,
        @Nullable Objective objective,
        BatchSource source,
        Evaluation evaluation,
        List<TrainingListener> listeners,
        BooleanSupplier stop) {

    /** What every trial is measured by. */
    public static final String LOSS = "loss";

    /** Counts steps. */
    private static final class Steps implements TrainingListener {
        private long done;

        @Override
        public void started(TrainingListener.Start start) {
            done = start.firstStep();
        }

        @Override
        public void step(TrainingListener.Step report) {
            done = report.step();
        }
    }

    /** Steps of a share, at least one. */
    public long steps(double share) {
        long all = TrainingPlan.of(config, source).steps();
        return Math.min(all, (long) Math.ceil(all * share - 1e-9));
    }

    /**
     * Trains and measures; the model is as before at the end, unless all of it is trained.
     *
     * @return the loss and the metrics
     * @throws InterruptedIOException if the search is to stop; what was done is kept
     */
    public Map<String, Double> run(Model<?> base, Search.Trial trial) throws IOException {
        var peft = part.attach(base, config.seed());
        try {
            long all = steps(1);
            // A checkpoint wherever it stops, and at the end.
            TrainingConfig saving = config.toBuilder().saveEvery(all).keep(1).build();
            FineTuner tuner = TrainedPart.tuner(base, peft, saving);
            long until = steps(trial.share());
            Steps steps = new Steps();
            if (objective != null) {
                tuner.objective(objective);
            }
            listeners.forEach(tuner::listener);
            tuner.listener(steps)
                    .checkpointsIn(trial.folder())
                    .stopWhen(() -> steps.done >= until || stop.getAsBoolean());
            TrainingCheckpoints.newest(trial.folder()).ifPresent(tuner::resumeFrom);
            TrainingResult result = tuner.train(source);
            if (result.steps() < until) {
                throw new InterruptedIOException("the search was stopped in trial " + trial.number() + " after step "
                        + result.steps() + " of " + until);
            }
            if (trial.share() == 1) {
                tuner.save(trial.folder());
            }
            Evaluation.Result found = evaluation.run(base);
            if (trial.share() == 1) {
                for (Path checkpoint : TrainingCheckpoints.in(trial.folder())) {
                    ClaimedFolder.remove(checkpoint);
                }
            }
            Map<String, Double> numbers = new LinkedHashMap<>();
            numbers.put(LOSS, found.loss());
            numbers.putAll(found.metrics());
            return numbers;
        } finally {
            peft.ifPresent(attached -> attached.unload());
        }
    }
}
