package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.LongRows;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What attention computes and refuses, on any device. */
abstract class AttentionKernelsContract extends OnDevice {

    AttentionKernelsContract(Device device) {
        super(device);
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @Test
    void aRowWithoutTokensChangesNothingInOtherRows() {
        Draw draw = new Draw(scope, 3);
        NDArray q = draw.normal(3, 4, 2);
        NDArray kv = draw.normal(3, 2, 2);
        NDArray three = attention.mask(q, 3, 0, true, 0, 2, 2, null, Precision.FLOAT32);
        NDArray none = attention.mask(q, 0, 0, true, 0, 2, 2, null, Precision.FLOAT32);
        int[] lengths = {0, 3, 0};
        List<NDArray> masks = List.of(none, three, none);
        AttentionKernels.Attended with = attention.attend(q, kv, kv, null, null, lengths, masks, SHORT);
        AttentionKernels.Attended without =
                attention.attend(q, kv, kv, null, null, new int[] {3}, List.of(three), SHORT);
        assertThat(k.toFloats(with.output())).isEqualTo(k.toFloats(without.output()));
        NDArray[] g = attention.gradient(q, with.saved(), q, kv, kv, null, null, lengths, SHORT);
        NDArray[] h = attention.gradient(q, without.saved(), q, kv, kv, null, null, new int[] {3}, SHORT);
        for (int i = 0; i < 3; i++) {
            assertThat(k.toFloats(g[i])).isEqualTo(k.toFloats(h[i]));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void masksShowEachQueryItsWindowAndSlopes(int seed) {
        Draw draw = new Draw(scope, seed);
        int n = draw.size(1, 5);
        int past = draw.size(0, 4);
        int window = draw.size(0, 3);
        int groups = draw.size(1, 3);
        int share = draw.size(1, 3);
        boolean causal = seed % 2 == 0;
        boolean alibi = causal && draw.coin();
        Precision precision = List.of(Precision.values()).get(seed % 3);
        float[] slopes = new float[groups * share];
        for (int h = 0; h < slopes.length; h++) {
            slopes[h] = (float) Math.pow(2, -h);
        }
        NDArray mask = attention.mask(
                scope.longs(0),
                n,
                past,
                causal,
                window,
                groups,
                share,
                alibi ? scope.floats(slopes, slopes.length) : null,
                precision);
        assertThat(k.precision(mask)).isEqualTo(precision);
        if (!causal && (window == 0 || window >= past + n)) {
            assertThat(mask.getShape()).isEqualTo(new Shape(1, 1, 1));
            assertThat(k.toFloats(mask)).containsExactly(0);
            return;
        }
        assertThat(mask.getShape()).isEqualTo(new Shape(alibi ? groups : 1, (long) share * n, past + n));
        float[] values = k.toFloats(mask);
        for (int at = 0; at < values.length; at++) {
            int key = at % (past + n);
            int query = at / (past + n) % n;
            int head = at / (past + n) / n;
            boolean seen = (!causal || key <= past + query) && (window == 0 || Math.abs(past + query - key) < window);
            float expected = alibi ? slopes[head] * key : 0;
            assertThat(values[at]).isEqualTo(seen ? expected : Float.NEGATIVE_INFINITY);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void cachedAttentionEqualsTheLastQueriesOfTheWholeRow(int seed) {
        Draw draw = new Draw(scope, seed);
        int past = draw.size(0, 5);
        int n = draw.size(1, 3);
        int groups = draw.size(1, 3);
        int share = draw.size(1, 3);
        int size = draw.size(1, 6);
        NDArray q = draw.normal(past + n, (long) groups * share, size);
        NDArray key = draw.normal(past + n, groups, size);
        NDArray value = draw.normal(past + n, groups, size);
        NDArray whole = attention.mask(q, past + n, 0, true, 0, groups, share, null, Precision.FLOAT32);
        NDArray part = attention.mask(q, n, past, true, 0, groups, share, null, Precision.FLOAT32);
        int[] row = {past + n};
        Attending half = new Attending(0.5, 0, null, false, SHORT.rows());
        NDArray all = attention
                .attend(q, key, value, null, null, row, List.of(whole), half)
                .output();
        float[] expected = k.toFloats(k.narrow(all, 0, past, n));
        NDArray queries = k.narrow(q, 0, past, n);
        Closeness.assertClose(
                k.toFloats(attention.attendCached(queries, key, value, part, half)), expected, 1e-5, "outcome");
        Attending inBlocks = new Attending(0.5, 0, null, false, new LongRows(1, 2, 1000));
        NDArray blocks = attention.attendCached(queries, key, value, scope.longs(new long[0]), inBlocks);
        Closeness.assertClose(k.toFloats(blocks), expected, 1e-5, "outcome in blocks");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void someQueriesOfRowsThatHideNothingSeeWhatTheyWouldAmongAll(int seed) {
        Draw draw = new Draw(scope, seed);
        int groups = draw.size(1, 3);
        long heads = (long) groups * draw.size(1, 3);
        int size = draw.size(1, 6);
        int[] lengths = {draw.size(1, 5), draw.size(2, 40), draw.size(1, 5)};
        int tokens = lengths[0] + lengths[1] + lengths[2];
        // None of the first row, the first token of the second, the last two of all.
        NDArray chosen = scope.longs(lengths[0], tokens - 2L, tokens - 1L);
        int[] queries = lengths[2] == 1 ? new int[] {0, 2, 1} : new int[] {0, 1, 2};
        LongRows rows = seed % 2 == 0 ? SHORT.rows() : new LongRows(3, 2, 1);
        Attending how = new Attending(0.5, seed % 3, false, 0, null, false, rows);
        NDArray q = draw.normal(tokens, heads, size);
        NDArray key = draw.normal(tokens, groups, size);
        NDArray value = draw.normal(tokens, groups, size);
        List<NDArray> masks = IntStream.of(lengths)
                .mapToObj(n -> n >= rows.from()
                        ? scope.longs(new long[0])
                        : attention.mask(q, n, 0, false, 0, groups, heads / groups, null, Precision.FLOAT32))
                .toList();
        AttentionKernels.Attended all = attention.attend(q, key, value, null, null, lengths, masks, how);
        NDArray some = k.rows(q, chosen);
        AttentionKernels.Attended few = attention.attend(some, key, value, null, null, queries, lengths, masks, how);
        Closeness.assertClose(k.toFloats(few.output()), k.toFloats(k.rows(all.output(), chosen)), 1e-5, "outcome");
        NDArray g = draw.normal(3, heads, size);
        NDArray[] whole = attention.gradient(
                k.rowsGradient(g, chosen, tokens), all.saved(), q, key, value, null, null, lengths, how);
        NDArray[] part = attention.gradient(g, few.saved(), some, key, value, null, null, queries, lengths, how);
        Closeness.assertClose(k.toFloats(part[0]), k.toFloats(k.rows(whole[0], chosen)), 1e-5, "gradient of queries");
        Closeness.assertClose(k.toFloats(part[1]), k.toFloats(whole[1]), 1e-5, "gradient of keys");
        Closeness.assertClose(k.toFloats(part[2]), k.toFloats(whole[2]), 1e-5, "gradient of values");
        assertThatThrownBy(() -> attention.attend(some, key, value, null, null, queries, lengths, masks, SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fewer than tokens can be only where attention is not causal");
    }

    @Test
    void attentionRefusesRowsMasksAndPrefixesThatDoNotFit() {
        NDArray q = counted(3, 4, 2);
        NDArray kv = counted(3, 2, 2);
        NDArray mask = attention.mask(q, 3, 0, true, 0, 2, 2, null, Precision.FLOAT32);
        int[] three = {3};
        assertThatThrownBy(() -> attention.attend(q, kv, kv, null, null, new int[] {2}, List.of(mask), SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "attention needs q [N, H, Dh], k and v [N, K, Dh] with N = 2 tokens in all rows and H a multiple of"
                                + " K, got shapes (3, 4, 2), (3, 2, 2), (3, 2, 2)");
        assertThatThrownBy(() -> attention.attend(
                        q, counted(3, 3, 2), counted(3, 3, 2), null, null, three, List.of(mask), SHORT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> attention.attend(q, kv, kv, null, null, three, List.of(), SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention needs one mask per row: got 0 for 1 rows");
        NDArray none = scope.longs(new long[0]);
        assertThatThrownBy(() -> attention.attend(q, kv, kv, null, null, three, List.of(none), SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "row 0 of 3 tokens has a mask without values: rows of fewer than 9 tokens need values, longer"
                                + " ones have none");
        assertThatThrownBy(() -> attention.attendCached(q, kv, kv, none, SHORT))
                .isInstanceOf(IllegalArgumentException.class);
        Attending inBlocks = new Attending(1, 0, null, false, new LongRows(3, 2, 1000));
        assertThatThrownBy(() -> attention.attend(q, kv, kv, null, null, three, List.of(mask), inBlocks))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("row 0 of 3 tokens has a mask with values: rows of fewer than 3 tokens");
        assertThatThrownBy(() -> attention.attend(q, kv, kv, kv, null, three, List.of(mask), SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention needs both keys and values of a prefix, or neither");
        assertThatThrownBy(() -> attention.attend(q, kv, kv, null, kv, three, List.of(mask), SHORT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> attention.attend(q, kv, kv, kv, counted(1, 2, 2), three, List.of(mask), SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attention needs prefix keys and values of one shape, got (3, 2, 2) and (1, 2, 2)");
        AttentionKernels.Attended forward = attention.attend(q, kv, kv, null, null, three, List.of(mask), SHORT);
        assertThatThrownBy(() -> attention.gradient(kv, forward.saved(), q, kv, kv, null, null, three, SHORT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attentionGradient needs arrays of one shape, got (3, 2, 2) and (3, 4, 2)");
        assertThatThrownBy(
                        () -> attention.attend(q, kv, kv, null, null, three, List.of(k.narrow(mask, 1, 0, 3)), SHORT))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(
                        "kernel attention(float32 (3, 4, 2), float32 (3, 2, 2), float32 (3, 2, 2), null, null,"
                                + " [3], [3], 1 arrays, 1.0, 0.0, true, 0, null, false, 9, 4, 1000) failed: ");
    }
}
