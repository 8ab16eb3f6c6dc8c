package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Attention of rows of several lengths, each within itself, forward and backward, and how its heads are laid out and rotated;
 * under the rules of {@link Kernels}. Letters: N
 * tokens of all rows, n of one row, H heads, K key/value heads, Dh head size, S keys of a row, P keys of a prefix.
 */
public final class AttentionKernels {

    private final Scope scope;
    private final KernelLibrary library;

    private AttentionKernels(Scope scope) {
        this.scope = scope;
        this.library = scope.library();
    }

    /** Operations with results owned by a scope. */
    public static AttentionKernels of(Scope scope) {
        return new AttentionKernels(scope);
    }

    /**
     * The additive mask [1 or K, (H/K) n, past + n] of a row of n queries after {@code past} keys; [1, 1, 1] where nothing is hidden.
     *
     * @param like an array on the device in question
     * @param n tokens of the row
     * @param past tokens before the row
     * @param causal whether a query sees nothing that comes after it
     * @param window as {@link Attending#window} says
     * @param groups K
     * @param share H / K
     * @param slopes ALiBi's slope of each head, float32 [H], or null
     */
    public NDArray mask(
            NDArray like,
            long n,
            long past,
            boolean causal,
            long window,
            long groups,
            long share,
            @Nullable NDArray slopes,
            Precision precision) {
        return (NDArray) Objects.requireNonNull(library.call(
                scope, "attention_mask", like, n, past, causal, window, groups, share, slopes, precision.code()));
    }

    /** The outcome of {@link #attend}, of the shape of its queries, and what its backward pass needs. */
    public record Attended(NDArray output, NDArray[] saved) {}

    /** {@link #attend(NDArray, NDArray, NDArray, NDArray, NDArray, int[], int[], List, Attending)} with a query for each token. */
    public Attended attend(
            NDArray q,
            NDArray k,
            NDArray v,
            @Nullable NDArray prefixKey,
            @Nullable NDArray prefixValue,
            int[] lengths,
            List<NDArray> masks,
            Attending how) {
        return attend(q, k, v, prefixKey, prefixValue, lengths, lengths, masks, how);
    }

    /**
     * Attention of each row by itself, behind the prefix and the shared prefix if there are any; rows stand end to end.
     *
     * @param q queries [M, H, Dh]
     * @param k keys [N, K, Dh]; {@code v} likewise
     * @param prefixKey keys [P, K, Dh] that stand before every row, or null; {@code prefixValue} likewise
     * @param queries how many of each row; their sum is M. Other numbers than its tokens only where nothing is hidden from any query
     * @param lengths tokens of each row; their sum is N
     * @param masks one of {@link #mask} per row, made for the same window and slopes, and an array without values
     *     for each long one, which makes its own
     * @throws IllegalArgumentException if lengths or masks do not fit the rows, or only one of prefix keys and values is given
     */
    public Attended attend(
            NDArray q,
            NDArray k,
            NDArray v,
            @Nullable NDArray prefixKey,
            @Nullable NDArray prefixValue,
            int[] queries,
            int[] lengths,
            List<NDArray> masks,
            Attending how) {
        ShapeCheck.rows(q, k, v, queries, lengths, prefixKey, prefixValue);
        how.requireWhole(queries, lengths);
        ShapeCheck.masks(
                keys(lengths, prefixKey, how.sharedPrefix()), masks, how.rows().from());
        Object[] result = (Object[]) Objects.requireNonNull(
                call("attention", how, q, k, v, prefixKey, prefixValue, queries, lengths, masks));
        return new Attended((NDArray) result[0], arrays(result[1]));
    }

    /** The gradients where there is a query for each token. */
    public NDArray[] gradient(
            NDArray g,
            NDArray[] saved,
            NDArray q,
            NDArray k,
            NDArray v,
            @Nullable NDArray prefixKey,
            @Nullable NDArray prefixValue,
            int[] lengths,
            Attending how) {
        return gradient(g, saved, q, k, v, prefixKey, prefixValue, lengths, lengths, how);
    }

    /**
     * Gradients of q, k, v, and of the prefix's keys and values (float32; empty without a prefix).
     *
     * @param g gradient of the outcome
     * @param saved what {@link #attend} saved for the arguments that follow
     * @throws IllegalArgumentException if the arguments do not fit each other
     */
    public NDArray[] gradient(
            NDArray g,
            NDArray[] saved,
            NDArray q,
            NDArray k,
            NDArray v,
            @Nullable NDArray prefixKey,
            @Nullable NDArray prefixValue,
            int[] queries,
            int[] lengths,
            Attending how) {
        ShapeCheck.rows(q, k, v, queries, lengths, prefixKey, prefixValue);
        ShapeCheck.same("attentionGradient", g, q);
        return arrays(call("attention_gradient", how, g, q, k, v, prefixKey, prefixValue, queries, lengths, saved));
    }

    /**
     * One row's queries [n, H, Dh] against all its keys and values so far [S, K, Dh].
     *
     * @param mask {@link #mask} of the row, an array without values for a long one
     * @throws IllegalArgumentException if a short row has no mask
     */
    public NDArray attendCached(NDArray q, NDArray k, NDArray v, NDArray mask, Attending how) {
        ShapeCheck.masks(
                new int[] {(int) q.getShape().get(0)}, List.of(mask), how.rows().from());
        return (NDArray) Objects.requireNonNull(library.call(
                scope,
                "cached_attention",
                q,
                k,
                v,
                mask,
                how.scale(),
                how.cap(),
                how.window(),
                how.slopes(),
                how.rows().from(),
                how.rows().block()));
    }

    /** How many keys each row has; none if it has no queries. */
    private static int[] keys(int[] lengths, @Nullable NDArray prefixKey, boolean sharedPrefix) {
        int prefix = prefixKey == null ? 0 : (int) prefixKey.getShape().get(0);
        return IntStream.range(0, lengths.length)
                .map(row -> lengths[row] == 0 ? 0 : lengths[row] + prefix + (sharedPrefix && row > 0 ? lengths[0] : 0))
                .toArray();
    }

    private @Nullable Object call(String method, Attending how, @Nullable Object... operands) {
        LongRows rows = how.rows();
        Object[] settings = {
            how.scale(),
            how.cap(),
            how.causal(),
            how.window(),
            how.slopes(),
            how.sharedPrefix(),
            rows.from(),
            rows.block(),
            rows.tiledFrom()
        };
        return library.call(
                scope,
                method,
                Stream.of(operands, settings).flatMap(Arrays::stream).toArray());
    }

    // ---- heads

    /**
     * Cosines [N, 1, Dh], sines with the sign of the forward rotation, and of the inverse one.
     *
     * @param positions int64 [N]
     * @param frequencies float32 [Dh / 2]
     * @param factor multiplies all three
     */
    public NDArray[] rotaryTables(NDArray positions, NDArray frequencies, double factor, Precision precision) {
        return several("rotary_tables", positions, frequencies, factor, precision.code());
    }

    /**
     * Rotates x [N, H, Dh] by halves: x cos + swapped(x) sin; with the inverse sines it is its own backward. Tables narrower than the
     * heads rotate the first values of each and leave the rest.
     */
    public NDArray rotary(NDArray x, NDArray cos, NDArray sin) {
        boolean whole = lastDimension(cos) == lastDimension(x);
        return one(whole ? "rotary" : "rotary_partial", x, cos, sin);
    }

    private static long lastDimension(NDArray x) {
        return x.getShape().get(x.getShape().dimension() - 1);
    }

    /** Splits a fused projection laid out head by head as query, key and value, [N, 3 H Dh], into q, k, v [N, H, Dh]. */
    public NDArray[] splitInterleaved(NDArray x, long heads) {
        return several("split_interleaved", x, heads);
    }

    /** The inverse of {@link #splitInterleaved}. */
    public NDArray joinInterleaved(NDArray q, NDArray k, NDArray v) {
        return one("join_interleaved", q, k, v);
    }

    /** Splits a fused projection laid out as all queries, keys and values, [N, (H + 2 K) Dh], into q [N, H, Dh] and k, v [N, K, Dh]. */
    public NDArray[] splitBlocks(NDArray x, long heads, long groups) {
        return several("split_blocks", x, heads, groups);
    }

    /** The inverse of {@link #splitBlocks}. */
    public NDArray joinBlocks(NDArray q, NDArray k, NDArray v) {
        return one("join_blocks", q, k, v);
    }

    private NDArray one(String method, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    private NDArray[] several(String method, @Nullable Object... arguments) {
        return arrays(library.call(scope, method, arguments));
    }

    private static NDArray[] arrays(@Nullable Object values) {
        Object[] all = (Object[]) Objects.requireNonNull(values);
        return Arrays.copyOf(all, all.length, NDArray[].class);
    }
}
