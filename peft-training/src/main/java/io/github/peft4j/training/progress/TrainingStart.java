package io.github.peft4j.training.progress;

import java.util.List;

/**
 * What a run is about to do.
 *
 * @param firstStep steps done already: 0, or those of the checkpoint that the run goes on from
 * @param steps steps that will be done in the end
 * @param epochs passes over the data that this means
 * @param trainableParameters parameters that training changes
 * @param allParameters parameters of the model, shared ones once
 * @param history what was logged before, if the run goes on from a checkpoint; under transformers' names, for example
 *     {@code {"step": 1, "epoch": 0.1, "loss": 2.3, "grad_norm": 0.9, "learning_rate": 1e-4}}
 */
public record TrainingStart(
        long firstStep,
        long steps,
        double epochs,
        long trainableParameters,
        long allParameters,
        List<LogEntry> history) {

    /** Copies the list. */
    public TrainingStart {
        history = List.copyOf(history);
    }
}
