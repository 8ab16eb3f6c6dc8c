package io.github.peft4j.benchmarks;

import ai.djl.ndarray.NDArray;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A linear layer's product and its input's gradient, in the sizes of SmolLM2-135M and Bloom-1b4; the first is the yardstick. */
public class Products extends KernelBenchmark {

    /** Rows, inputs and outputs. */
    @Param({
        "2048x2048x2048",
        "512x576x576",
        "512x576x1536",
        "512x1536x576",
        "128x576x49152",
        "512x2048x6144",
        "512x2048x8192"
    })
    public String sizes = "";

    private NDArray x = work.scope().longs(0);
    private NDArray w = x;
    private NDArray g = x;

    /** Makes the arrays. */
    @Setup
    public void make() {
        long[] n = Sizes.of(sizes);
        x = work.random(dtype, n[0], n[1]);
        w = work.random(dtype, n[2], n[1]);
        g = work.random(dtype, n[0], n[2]);
    }

    /** y = x w^T. */
    @Benchmark
    public void forward() {
        work.kernels().linear(x, w, null).close();
    }

    /** dx = g w. */
    @Benchmark
    public void backward() {
        work.kernels().linearGradient(g, w, null).close();
    }
}
