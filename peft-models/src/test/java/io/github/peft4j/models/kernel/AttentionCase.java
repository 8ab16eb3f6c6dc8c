package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Attention over rows of several lengths, with its masks made by plain loops as well. */
final class AttentionCase {

    /** Longer than any row. */
    static final int NEVER_LONG = 1000;

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
    static KernelPair draw(Draw draw, boolean window, boolean alibi, boolean prefix, int longFrom) {
        return new AttentionCase(draw, window, alibi, prefix).pair(alibi, longFrom);
    }

    private KernelPair pair(boolean alibi, int longFrom) {
        Scope scope = draw.scope();
        Kernels k = scope.kernels();
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
        List<NDArray> masks = kernelMasks(alibi, longFrom);
        List<NDArray> plain = Arrays.stream(lengths).mapToObj(this::plainMask).toList();
        NDArray[] all = inputs.toArray(NDArray[]::new);
        Object[] rest =
                past > 0 ? new Object[] {lengths, plain, scale} : new Object[] {null, null, lengths, plain, scale};
        return new KernelPair(
                all,
                x -> new NDArray[] {attention(k, x, masks, scale, longFrom).output()},
                (g, x) -> {
                    NDArray pk = x.length > 3 ? x[3] : null;
                    NDArray pv = x.length > 3 ? x[4] : null;
                    return Arrays.copyOf(
                            k.attentionGradient(
                                    g[0],
                                    attention(k, x, masks, scale, longFrom).saved(),
                                    x[0],
                                    x[1],
                                    x[2],
                                    pk,
                                    pv,
                                    lengths,
                                    masks,
                                    scale,
                                    longFrom),
                            x.length);
                },
                "attention",
                rest);
    }

    private Kernels.Attended attention(Kernels k, NDArray[] x, List<NDArray> masks, double scale, int longFrom) {
        NDArray pk = x.length > 3 ? x[3] : null;
        NDArray pv = x.length > 3 ? x[4] : null;
        return k.attention(x[0], x[1], x[2], pk, pv, lengths, masks, scale, longFrom);
    }

    private List<NDArray> kernelMasks(boolean alibi, int longFrom) {
        Scope scope = draw.scope();
        NDArray like = scope.longs(0);
        NDArray alibiSlopes = alibi ? scope.floats(slopes, slopes.length) : null;
        boolean plain = !alibi && window == 0 && past == 0 && draw.coin();
        return Arrays.stream(lengths)
                .mapToObj(n -> plain && n >= longFrom
                        ? scope.kernels().causalMask(like, draw.precision())
                        : scope.kernels()
                                .attentionMask(
                                        like,
                                        n,
                                        past,
                                        window,
                                        groups,
                                        n >= longFrom && !alibi ? 1 : share,
                                        alibiSlopes,
                                        draw.precision()))
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
