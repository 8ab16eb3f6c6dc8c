package io.github.peft4j.models.nn.attention.internal;

/**
 * What becomes of the products of queries and keys before the softmax.
 *
 * @param scale multiplies them
 * @param cap bounds them softly, \(c \tanh(s / c)\) for s; 0 for no bound
 * @param causal whether a query sees nothing that comes after it
 * @param window keys that a query sees, itself included, before it and, unless attention is causal, as many behind it; 0 for all
 */
public record Scores(double scale, double cap, boolean causal, int window) {

    /** Of causal attention, divided by the square root of the heads' size, without a bound or a window. */
    public static Scores of(int headSize) {
        return new Scores(1 / Math.sqrt(headSize), 0, true, 0);
    }

    /** The same with another factor. */
    public Scores withScale(double other) {
        return new Scores(other, cap, causal, window);
    }

    /** The same with another window. */
    public Scores withWindow(int other) {
        return new Scores(scale, cap, causal, other);
    }

    /** The same of attention that sees what comes after a query as well. */
    public Scores bidirectional() {
        return new Scores(scale, cap, false, window);
    }
}
