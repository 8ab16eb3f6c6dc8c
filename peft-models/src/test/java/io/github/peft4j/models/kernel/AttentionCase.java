package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.LongRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Attention over rows of several lengths, with its masks made by plain loops as well. */
final class AttentionCase {

    /** Every row keeps its probabilities. */
    static final LongRows NONE = new LongRows(1000, 1, 1000);

    /** Every row is long, of more blocks than one if it has more than two tokens. */
    static final LongRows BLOCKS = new LongRows(1, 2, 1000);

    /** Every row goes to torch's tiled kernel where it can. */
    static final LongRows TILES = new LongRows(1, 3, 1);

    /** Some rows keep their probabilities, longer ones do not, the longest are tiled where they can be. */
    static final LongRows MIXED = new LongRows(3, 3, 4);

    private final Draw draw;
    private final int groups;
    private final int share;
    private final int window;
    private final float[] slopes;
    private final int past;
    private final int[] lengths;
    private final boolean sharedPrefix;
    private final double cap;
    private final boolean causal;

    private AttentionCase(
            Draw draw,
            boolean window,
            boolean alibi,
            boolean prefix,
            boolean sharedPrefix,
            double cap,
            boolean causal) {
        this.draw = draw;
        this.causal = causal;
        this.cap = cap;
        this.sharedPrefix = sharedPrefix;
        this.groups = draw.size(1, 3);
        this.share = draw.size(1, 3);
        this.window = window ? draw.size(1, 3) : 0;
        this.slopes = new float[groups * share];
        for (int h = 0; h < slopes.length; h++) {
            slopes[h] = alibi ? (float) Math.pow(2, -8.0 * (h + 1) / slopes.length) : 0;
        }
        this.past = prefix ? draw.size(1, 3) : 0;
        this.lengths = new int[] {draw.size(1, 4), 1, draw.size(2, 5)};
    }

    /** Draws sizes, values and the pair that they make. */
    static KernelPair draw(Draw draw, boolean window, boolean alibi, boolean prefix, LongRows rows) {
        return new AttentionCase(draw, window, alibi, prefix, false, 0, true).pair(alibi, rows);
    }

    /** The same with a first row that stands before the others. */
    static KernelPair drawOpened(Draw draw, boolean window, boolean alibi, boolean prefix, LongRows rows) {
        return new AttentionCase(draw, window, alibi, prefix, true, 0, true).pair(alibi, rows);
    }

    /** The same with scores that are bounded softly. */
    static KernelPair drawCapped(Draw draw, boolean window, LongRows rows) {
        return new AttentionCase(draw, window, false, true, false, 1.5, true).pair(false, rows);
    }

    /** Where queries see what comes after them as well. */
    static KernelPair drawBidirectional(Draw draw, boolean window, boolean prefix, boolean cap, LongRows rows) {
        return new AttentionCase(draw, window, false, prefix, false, cap ? 1.5 : 0, false).pair(false, rows);
    }

    private KernelPair pair(boolean alibi, LongRows rows) {
        Scope scope = draw.scope();
        AttentionKernels k = AttentionKernels.of(scope);
        int tokens = Arrays.stream(lengths).sum();
        int size = 2 * draw.size(1, 4);
        double scale = 1 / Math.sqrt(size);
        List<NDArray> inputs = new ArrayList<>(List.of(
                draw.normal(tokens, (long) groups * share, size),
                draw.normal(tokens, groups, size),
                draw.normal(tokens, groups, size)));
        if (past > 0) {
            inputs.add(draw.normal(past, groups, size));
            inputs.add(draw.normal(past, groups, size));
        }
        NDArray alibiSlopes = alibi ? scope.floats(slopes, slopes.length) : null;
        Attending how = new Attending(scale, cap, causal, window, alibiSlopes, sharedPrefix, rows);
        List<NDArray> masks = kernelMasks(how);
        int[] whole = sharedPrefix ? new int[] {tokens} : lengths;
        List<NDArray> plain = sharedPrefix
                ? List.of(plainMask(0, 1, 2))
                : IntStream.range(0, lengths.length).mapToObj(this::plainMask).toList();
        NDArray[] all = inputs.toArray(NDArray[]::new);
        Object[] rest = past > 0
                ? new Object[] {whole, plain, scale, cap}
                : new Object[] {null, null, whole, plain, scale, cap};
        return new KernelPair(
                all,
                x -> new NDArray[] {attend(k, x, masks, how).output()},
                (g, x) -> {
                    NDArray pk = x.length > 3 ? x[3] : null;
                    NDArray pv = x.length > 3 ? x[4] : null;
                    return Arrays.copyOf(
                            k.gradient(g[0], attend(k, x, masks, how).saved(), x[0], x[1], x[2], pk, pv, lengths, how),
                            x.length);
                },
                "attention",
                rest);
    }

    private AttentionKernels.Attended attend(AttentionKernels k, NDArray[] x, List<NDArray> masks, Attending how) {
        NDArray pk = x.length > 3 ? x[3] : null;
        NDArray pv = x.length > 3 ? x[4] : null;
        return k.attend(x[0], x[1], x[2], pk, pv, lengths, masks, how);
    }

    private List<NDArray> kernelMasks(Attending how) {
        AttentionKernels k = AttentionKernels.of(draw.scope());
        NDArray none = draw.scope().longs(new long[0]);
        List<NDArray> masks = new ArrayList<>();
        for (int row = 0; row < lengths.length; row++) {
            int n = lengths[row];
            masks.add(
                    before(row) + n >= how.rows().from()
                            ? none
                            : k.mask(
                                    none,
                                    n,
                                    before(row),
                                    causal,
                                    window,
                                    groups,
                                    share,
                                    how.slopes(),
                                    draw.precision()));
        }
        return masks;
    }

    /** Positions before a row. */
    private int before(int row) {
        return sharedPrefix && row > 0 ? past + lengths[0] : past;
    }

    /** Of the tokens of some rows, n in all, [H, n, past + n]: where a key is seen, the slope times its position; elsewhere minus infinity. */
    private NDArray plainMask(int... rows) {
        List<int[]> tokens = new ArrayList<>();
        for (int row : rows) {
            for (int i = 0; i < lengths[row]; i++) {
                tokens.add(new int[] {row, before(row) + i});
            }
        }
        int n = tokens.size();
        int keys = past + n;
        float[] mask = new float[slopes.length * n * keys];
        for (int h = 0; h < slopes.length; h++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < keys; j++) {
                    int[] query = tokens.get(i);
                    int[] key = j < past ? new int[] {query[0], j} : tokens.get(j - past);
                    boolean seen = (key[0] == query[0] || sharedPrefix && key[0] == 0)
                            && (!causal || key[1] <= query[1])
                            && (window == 0 || Math.abs(query[1] - key[1]) < window);
                    mask[(h * n + i) * keys + j] = seen ? slopes[h] * key[1] : Float.NEGATIVE_INFINITY;
                }
            }
        }
        return draw.scope().floats(mask, slopes.length, n, keys);
    }
}
