package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    private AttentionCase(Draw draw, boolean window, boolean alibi, boolean prefix) {
        this.draw = draw;
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
        return new AttentionCase(draw, window, alibi, prefix).pair(alibi, rows);
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
        Attending how = new Attending(scale, window, alibiSlopes, rows);
        List<NDArray> masks = kernelMasks(how);
        List<NDArray> plain = Arrays.stream(lengths).mapToObj(this::plainMask).toList();
        NDArray[] all = inputs.toArray(NDArray[]::new);
        Object[] rest =
                past > 0 ? new Object[] {lengths, plain, scale} : new Object[] {null, null, lengths, plain, scale};
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
        Scope scope = draw.scope();
        NDArray none = scope.longs(new long[0]);
        return Arrays.stream(lengths)
                .mapToObj(n -> n >= how.rows().from()
                        ? none
                        : AttentionKernels.of(scope)
                                .mask(none, n, past, window, groups, share, how.slopes(), draw.precision()))
                .toList();
    }

    /** [H, n, past + n]: where a key is seen, the slope times its place; elsewhere minus infinity. */
    private NDArray plainMask(int n) {
        int keys = past + n;
        float[] mask = new float[slopes.length * n * keys];
        for (int h = 0; h < slopes.length; h++) {
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < keys; j++) {
                    boolean seen = j <= past + i && (window == 0 || past + i - j < window);
                    mask[(h * n + i) * keys + j] = seen ? slopes[h] * j : Float.NEGATIVE_INFINITY;
                }
            }
        }
        return draw.scope().floats(mask, slopes.length, n, keys);
    }
}
