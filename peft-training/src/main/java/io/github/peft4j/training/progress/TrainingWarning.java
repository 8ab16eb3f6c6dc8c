package io.github.peft4j.training.progress;

/**
 * Something that makes a run worthless although it can go on.
 *
 * @param kind what it is
 * @param step the step after which it was noticed, from 1
 * @param message what was seen, what it means and what to do, for people
 */
public record TrainingWarning(Kind kind, long step, String message) {

    /** The kinds. */
    public enum Kind {
        /** The gradient is exactly 0, so that nothing is learnt, and yet the loss is not. */
        VANISHED_GRADIENT,
        /** The loss is far above that of the first step. */
        DIVERGED
    }
}
