package io.github.peft4j.training.evaluation;

/**
 * A number from what was predicted of some rows and what was right. Implementations keep no state.
 *
 * @param <J> what is judged: classes, labels, scores or tags
 */
interface Metric<J extends Judged> {

    /** The key in reports, for example {@code accuracy}. */
    String key();

    /** The number; not a number where it is not defined. */
    double of(J judged);

    /** Why {@link #of} is not a number, in a few words. */
    default String whyUndefined(J judged) {
        return "it is not a number";
    }

    /** Whether less is better, as of errors. */
    default boolean lessIsBetter() {
        return false;
    }
}
