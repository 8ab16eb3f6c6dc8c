package io.github.peft4j.training.progress;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param outcome in what way
 * @param steps steps done in all, those before a resume included
 * @param tokensPerSecond real tokens per second of the steps of this process; 0 if it did none
 * @param dataShare of the time of these steps, what they waited for their rows: a number from 0 to 1
 * @param peakRssMib the process's high-water mark of resident memory in MiB; 0 where the system does not tell
 * @param trainableParameters parameters that training changed
 * @param allParameters parameters of the model, shared ones once
 * @param best the best evaluation, whose weights the model has now; null if the best was not to be kept, or none was better than nothing
 * @param warnings what was found wrong with the run, was logged when it was noticed, and is wrong still: most often none
 */
public record TrainingResult(
        Outcome outcome,
        long steps,
        double tokensPerSecond,
        double dataShare,
        long peakRssMib,
        long trainableParameters,
        long allParameters,
        @Nullable Best best,
        List<Warning> warnings) {

    /** Copies the list. */
    public TrainingResult {
        warnings = List.copyOf(warnings);
    }

    /** The ways a run ends. */
    public enum Outcome {
        /** All steps are done. */
        COMPLETED,
        /** As many evaluations as the config allows brought nothing better. */
        STOPPED_EARLY,
        /** It was asked to stop and did so between two micro-batches. */
        INTERRUPTED,
        /** An exception ended it; only listeners see this. */
        FAILED
    }

    /**
     * The evaluation with the best number.
     *
     * @param metric the number's name
     * @param value what it was
     * @param step steps done before that evaluation
     */
    public record Best(String metric, double value, long step) {}

    /**
     * Something that makes a run worthless although it can go on.
     *
     * @param kind what it is
     * @param step the step after which it was noticed, from 1
     * @param message what was seen, what it means and what to do, for people
     */
    public record Warning(Kind kind, long step, String message) {

        /** The kinds. */
        public enum Kind {
            /** The gradient is exactly 0, so that nothing is learnt, and yet the loss is not. */
            VANISHED_GRADIENT,
            /** The loss is far above that of the first step. */
            DIVERGED
        }
    }
}
