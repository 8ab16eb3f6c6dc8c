package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the queries of {@link AttentionKernels} see of their row, and how rows are computed.
 *
 * @param scale multiplies the products of queries and keys
 * @param cap bounds scores softly: \(c \tanh(s / c)\) stands for s; 0 for no bound
 * @param causal whether a query sees nothing that comes after it
 * @param window keys that a query sees, itself included, before it and, unless attention is causal, as many behind it; 0 for all
 * @param slopes ALiBi's slope of each head, float32 [H], or null
 * @param sharedPrefix whether the first row stands before all others, which see it as they see what is their own
 * @param rows which rows are long
 */
public record Attending(
        double scale,
        double cap,
        boolean causal,
        int window,
        @Nullable NDArray slopes,
        boolean sharedPrefix,
        LongRows rows) {

    /**
     * @throws IllegalArgumentException if the window or the cap is negative, or slopes or a shared prefix are to be where attention is not causal
     */
    public Attending {
        if (!(cap >= 0)) {
            throw new IllegalArgumentException("a cap of scores is 0 or more, got " + cap);
        }
        if (window < 0) {
            throw new IllegalArgumentException("a window has 0 keys or more, got " + window);
        }
        if (!causal && (slopes != null || sharedPrefix)) {
            throw new IllegalArgumentException(
                    "attention that is not causal has neither ALiBi nor a shared prefix: what is shared would see what follows");
        }
    }

    /** Of causal attention, scores without a bound. */
    public Attending(double scale, int window, @Nullable NDArray slopes, boolean sharedPrefix, LongRows rows) {
        this(scale, 0, true, window, slopes, sharedPrefix, rows);
    }

    /** Whether every query sees all keys of its row: then a row's queries can be some of its tokens alone. */
    public boolean hidesNothing() {
        return !causal && window == 0 && slopes == null;
    }

    /**
     * Checks how many queries rows have.
     *
     * @throws IllegalArgumentException if they are not as many as its tokens where keys are hidden
     */
    void requireWhole(int[] queries, int[] lengths) {
        if (!hidesNothing() && !Arrays.equals(queries, lengths)) {
            throw new IllegalArgumentException("rows of " + Arrays.toString(lengths) + " tokens have "
                    + Arrays.toString(queries)
                    + " queries: fewer than tokens can be only where attention is not causal and has no window");
        }
    }
}
