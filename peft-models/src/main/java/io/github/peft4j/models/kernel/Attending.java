package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * What the queries of {@link AttentionKernels} see of their row, and how rows are computed.
 *
 * @param scale multiplies the products of queries and keys
 * @param window keys that a query sees, itself included; 0 for all
 * @param slopes ALiBi's slope of each head, float32 [H], or null
 * @param opening whether the first row stands before all others, which see it as they see what is their own
 * @param rows which rows are long
 */
public record Attending(double scale, int window, @Nullable NDArray slopes, boolean opening, LongRows rows) {

    /**
     * @throws IllegalArgumentException if the window is negative
     */
    public Attending {
        if (window < 0) {
            throw new IllegalArgumentException("a window has 0 keys or more, got " + window);
        }
    }
}
