package io.github.peft4j.benchmarks;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.NormKernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** What stands between products, in SmolLM2-135M's sizes. */
public class Elementwise extends KernelBenchmark {

    private static final int HIDDEN = 576;
    private static final int INNER = 1536;
    private static final int VOCABULARY = 49_152;
    private static final int SUPERVISED = 128;

    /** Number of tokens. */
    @Param("512")
    public int tokens;

    private NDArray x = work.scope().longs(0);
    private NDArray w = x;
    private NDArray gate = x;
    private NDArray up = x;
    private NDArray logits = x;
    private NDArray targets = x;

    /** Makes the arrays. */
    @Setup
    public void make() {
        x = work.random(dtype, tokens, HIDDEN);
        w = work.random(dtype, HIDDEN);
        gate = work.random(dtype, tokens, INNER);
        up = work.random(dtype, tokens, INNER);
        logits = work.random(dtype, SUPERVISED, VOCABULARY);
        targets = work.scope().longs(new int[SUPERVISED]);
    }

    /** RMSNorm. */
    @Benchmark
    public void rmsNorm() {
        NormKernels.of(work.scope()).rmsNorm(x, w, 1e-5).close();
    }

    /** The gradient of RMSNorm's input. */
    @Benchmark
    public void rmsNormBackward() {
        NormKernels.of(work.scope()).rmsNormGradient(x, x, w, 1e-5).close();
    }

    /** silu(gate) up. */
    @Benchmark
    public void swiGlu() {
        work.kernels().swiGlu(gate, up).close();
    }

    /** Gradients of both of SwiGLU's inputs. */
    @Benchmark
    public void swiGluBackward() {
        for (NDArray gradient : work.kernels().swiGluGradient(up, gate, up)) {
            gradient.close();
        }
    }

    /** The loss of 128 positions and the gradient of their logits; that of the call before serves as logits. */
    @Benchmark
    public double crossEntropy() {
        return work.kernels().crossEntropyInto(logits, targets, 1);
    }
}
