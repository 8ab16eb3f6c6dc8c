package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.state.Trained;
import io.github.peft4j.training.optimizer.GradientExchange;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a run is made of. */
public record TrainingSetup(
        Trained trained,
        Objective objective,
        TrainingConfig config,
        BatchSource source,
        GradientExchange exchange,
        BooleanSupplier stop,
        @Nullable Evaluation evaluation,
        @Nullable Path checkpoints) {

    Model<?> model() {
        return trained.model();
    }

    /**
     * Checks that there is what the config asks for.
     *
     * @throws IllegalArgumentException if there is no folder for checkpoints, or there are no rows to evaluate on
     */
    void requireComplete() {
        if (config.saveEvery() > 0 && checkpoints == null) {
            throw new IllegalArgumentException("checkpoints are to be written every " + config.saveEvery()
                    + " steps, but there is no folder for them: call checkpointsIn");
        }
        if (config.bestMetric() != null && checkpoints == null) {
            throw new IllegalArgumentException("the best weights are to be kept by " + config.bestMetric()
                    + ", but there is no folder for their checkpoint: call checkpointsIn");
        }
        if (config.evaluateEvery() > 0 && evaluation == null) {
            throw new IllegalArgumentException("the model is to be evaluated every " + config.evaluateEvery()
                    + " steps, but there are no rows for that: call evaluateOn");
        }
    }
}
