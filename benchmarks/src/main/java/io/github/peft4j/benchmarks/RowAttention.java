package io.github.peft4j.benchmarks;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Causal attention of rows of one length, in SmolLM2-135M's heads: nine of 64, three of keys and values. */
public class RowAttention extends KernelBenchmark {

    private static final int HEADS = 9;
    private static final int GROUPS = 3;
    private static final int HEAD_SIZE = 64;

    /** Rows and their tokens. */
    @Param({"4x128", "2x256", "1x1024", "1x2048"})
    public String rows = "";

    /** Tokens of a row from which on the tiled kernel computes it. */
    @Param({"1", "512"})
    public int longFrom;

    private NDArray q = work.scope().longs(0);
    private NDArray k = q;
    private NDArray v = q;
    private NDArray g = q;
    private int[] lengths = {};
    private List<NDArray> masks = List.of();
    private Kernels.Attended attended = new Kernels.Attended(q, new NDArray[0]);

    /** Multiplications and additions of the two products of every query with every key, hidden ones too. */
    static double operations(String rows) {
        long[] n = Sizes.of(rows);
        return 4.0 * HEADS * HEAD_SIZE * n[0] * n[1] * n[1];
    }

    /** Makes the arrays. */
    @Setup
    public void make() {
        long[] n = Sizes.of(rows);
        long tokens = n[0] * n[1];
        q = work.random(dtype, tokens, HEADS, HEAD_SIZE);
        k = work.random(dtype, tokens, GROUPS, HEAD_SIZE);
        v = work.random(dtype, tokens, GROUPS, HEAD_SIZE);
        g = work.random(dtype, tokens, HEADS, HEAD_SIZE);
        lengths = new int[(int) n[0]];
        Arrays.fill(lengths, (int) n[1]);
        NDArray mask = n[1] < longFrom
                ? work.kernels().attentionMask(q, n[1], 0, 0, GROUPS, HEADS / GROUPS, null, Precision.of(dtype))
                : work.kernels().causalMask(q, Precision.of(dtype));
        masks = Collections.nCopies(lengths.length, mask);
        attended = attend();
    }

    private Kernels.Attended attend() {
        return work.kernels().attention(q, k, v, null, null, lengths, masks, 0.125, longFrom);
    }

    /** softmax(q k^T) v of each row. */
    @Benchmark
    public void forward() {
        release(attend());
    }

    /** Gradients of queries, keys and values. */
    @Benchmark
    public void backward() {
        NDArray[] gradients = work.kernels()
                .attentionGradient(g, attended.saved(), q, k, v, null, null, lengths, masks, 0.125, longFrom);
        Arrays.stream(gradients).forEach(NDArray::close);
    }

    private static void release(Kernels.Attended result) {
        Arrays.stream(result.saved()).forEach(NDArray::close);
        result.output().close();
    }
}
