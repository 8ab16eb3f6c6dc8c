package io.github.peft4j.benchmarks;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.Attending;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.LongRows;
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

    /** Queries that long rows take at a time, or 0 for probabilities that are kept; "tiled" for torch's own kernel in float32. */
    @Param({"0", "64", "128", "256", "tiled"})
    public String block = "";

    private NDArray q = work.scope().longs(0);
    private NDArray k = q;
    private NDArray v = q;
    private NDArray g = q;
    private Attending how = new Attending(1, 0, null, false, longRows("0"));
    private int[] lengths = {};
    private List<NDArray> masks = List.of();
    private AttentionKernels.Attended attended = new AttentionKernels.Attended(q, new NDArray[0]);

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
        how = new Attending(0.125, 0, null, false, longRows(block));
        NDArray mask = n[1] < how.rows().from()
                ? AttentionKernels.of(work.scope())
                        .mask(q, n[1], 0, true, 0, GROUPS, HEADS / GROUPS, null, Precision.of(dtype))
                : work.scope().longs(new long[0]);
        masks = Collections.nCopies(lengths.length, mask);
        attended = attend();
    }

    private static LongRows longRows(String block) {
        return switch (block) {
            case "0" -> new LongRows(Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
            case "tiled" -> new LongRows(1, 128, 1);
            default -> new LongRows(1, Integer.parseInt(block), Integer.MAX_VALUE);
        };
    }

    private AttentionKernels.Attended attend() {
        return AttentionKernels.of(work.scope()).attend(q, k, v, null, null, lengths, masks, how);
    }

    /** softmax(q k^T) v of each row. */
    @Benchmark
    public void forward() {
        release(attend());
    }

    /** Gradients of queries, keys and values. */
    @Benchmark
    public void backward() {
        NDArray[] gradients =
                AttentionKernels.of(work.scope()).gradient(g, attended.saved(), q, k, v, null, null, lengths, how);
        Arrays.stream(gradients).forEach(NDArray::close);
    }

    private static void release(AttentionKernels.Attended result) {
        Arrays.stream(result.saved()).forEach(NDArray::close);
        result.output().close();
    }
}
