package io.github.peft4j.models.generate.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import java.util.List;

/** Changes to scores, float32 [B, V], in place, and the choice of tokens by them; written in {@code generate.py}. */
public final class ScoreKernels {

    private final ScopedKernels kernels;

    /** Kernels whose intermediate results belong to {@code scope}. */
    public ScoreKernels(Scope scope) {
        this.kernels = ScopedKernels.of(scope, ScoreKernels.class, "generate.py");
    }

    /** Divides the scores of ids seen in a row, or multiplies them where they are below 0. */
    public void penalize(NDArray scores, List<int[]> seen, double penalty) {
        List<NDArray> ids = seen.stream().map(kernels.scope()::longs).toList();
        kernels.array("penalize", scores, ids, penalty).close();
        ids.forEach(NDArray::close);
    }

    /** Makes ids impossible in some rows. */
    public void suppress(NDArray scores, int[] rows, int[] ids) {
        try (NDArray index = kernels.scope().longs(ids)) {
            kernels.array("suppress", scores, rows, index).close();
        }
    }

    /** Divides all scores. */
    void temper(NDArray scores, double temperature) {
        kernels.array("temper", scores, temperature).close();
    }

    /** Leaves the k likeliest tokens possible, and those as likely as the last of them. */
    void topK(NDArray scores, int k) {
        kernels.array("top_k", scores, k).close();
    }

    /** Leaves the likeliest tokens possible that make up a share p of the probability. */
    void topP(NDArray scores, double p) {
        kernels.array("top_p", scores, p).close();
    }

    /** The likeliest token of each row of scores in any format; -1 where they are not finite. */
    int[] best(NDArray scores) {
        return tokens(kernels.array("best", scores));
    }

    /** The token of each row on which a draw of 0 to 2^52 - 1 falls; -1 where the scores are not finite. */
    int[] draw(NDArray scores, long[] draws) {
        try (NDArray points = kernels.scope().longs(draws)) {
            return tokens(kernels.array("draw", scores, points));
        }
    }

    private int[] tokens(NDArray ids) {
        try (ids) {
            long[] wide = kernels.scope().kernels().toLongs(ids);
            int[] tokens = new int[wide.length];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = Math.toIntExact(wide[i]);
            }
            return tokens;
        }
    }
}
