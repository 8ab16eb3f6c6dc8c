package io.github.peft4j.training.evaluation;

/**
 * A number from what was predicted of some rows and what was right. Implementations keep no state.
 *
 * @param <P> what is predicted of all rows: {@code int[]} with a class for each, {@code boolean[][]} with a row of labels that apply or do
 *     not, {@code double[][]} with a row of scores
 */
public interface Metric<P> {

    /** The key in reports, for example {@code accuracy}. */
    String key();

    /**
     * The number; not a number where it is not defined.
     *
     * @param predicted what a model said, row by row
     * @param expected what is right, in the same order
     * @throws IllegalArgumentException if there are no rows, or not as many of the one as of the other
     */
    double of(P predicted, P expected);
}
