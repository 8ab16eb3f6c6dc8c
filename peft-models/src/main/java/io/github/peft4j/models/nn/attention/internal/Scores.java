package io.github.peft4j.models.nn.attention.internal;

/**
 * What becomes of the products of queries and keys before the softmax.
 *
 * @param scale multiplies them
 * @param cap bounds them softly, \(c \tanh(s / c)\) for s; 0 for no bound
 * @param window keys that a query sees, itself included; 0 for all
 */
public record Scores(double scale, double cap, int window) {

    /** Divided by the square root of the heads' size, without a bound or a window. */
    public static Scores of(int headSize) {
        return new Scores(1 / Math.sqrt(headSize), 0, 0);
    }

    /** The same with another factor. */
    public Scores withScale(double other) {
        return new Scores(other, cap, window);
    }
}
