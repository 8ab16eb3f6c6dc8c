package io.github.peft4j.training.progress;

import io.github.peft4j.training.FineTuner;

/**
 * Follows a training run: progress, reports, pictures. All methods are called by the training thread, between steps.
 *
 * <p>A run is worth more than its report: a listener that throws is logged and left out for the rest of the run, which goes on. To stop a
 * run, interrupt its thread or use {@link FineTuner#stopWhen}.
 */
public interface TrainingListener {

    /** What it is called in messages: what it writes and where, for example. */
    default String name() {
        return getClass().getName();
    }

    /** The run begins. */
    default void started(TrainingStart start) {}

    /** A step was done. */
    default void step(StepReport report) {}

    /** The model was evaluated. */
    default void evaluated(EvaluationReport report) {}

    /** A checkpoint is complete. */
    default void saved(SavedReport report) {}

    /** The run has ended, in whatever way; the last call. */
    default void finished(TrainingResult result) {}
}
