package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import io.github.peft4j.models.kernel.internal.NormKernels;
import java.util.Arrays;
import java.util.function.Function;

/** Every kernel that has a gradient, at sizes and values drawn by seed: odd sizes, one token, repeated indices. */
enum KernelFamily {
    LINEAR(KernelFamily::linear),
    LINEAR_WITHOUT_BIAS(d -> {
        Kernels k = d.scope().kernels();
        int in = d.size(1, 7);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 9), in), d.normal(d.size(1, 7), in)},
                x -> new NDArray[] {k.linear(x[0], x[1], null)},
                (g, x) -> new NDArray[] {k.linearGradient(g[0], x[1], null), k.outer(g[0], x[0])},
                "linear",
                (Object) null);
    }),
    LINEAR_ADD(KernelFamily::linearAdd),
    EMBEDDING(d -> {
        Kernels k = d.scope().kernels();
        int rows = d.size(1, 6);
        NDArray ids = d.below(rows, d.size(1, 9));
        return new KernelPair(
                new NDArray[] {d.normal(rows, d.size(1, 5))},
                x -> new NDArray[] {k.embedding(x[0], ids)},
                (g, x) -> new NDArray[] {k.embeddingGradient(g[0], ids, rows)},
                "embedding",
                ids);
    }),
    ROWS(d -> {
        Kernels k = d.scope().kernels();
        int rows = d.size(1, 6);
        NDArray index = d.below(rows, d.size(1, 9));
        return new KernelPair(
                new NDArray[] {d.normal(rows, d.size(1, 3), d.size(1, 3))},
                x -> new NDArray[] {k.rows(x[0], index)},
                (g, x) -> new NDArray[] {k.rowsGradient(g[0], index, rows)},
                "embedding",
                index);
    }),
    RMS_NORM(d -> {
        NormKernels k = NormKernels.of(d.scope());
        int width = d.size(1, 17);
        return new KernelPair(
                new NDArray[] {d.awayFromZero(d.size(1, 5), width), d.normal(width)},
                x -> new NDArray[] {k.rmsNorm(x[0], x[1], 1e-5)},
                (g, x) -> new NDArray[] {
                    k.rmsNormGradient(g[0], x[0], x[1], 1e-5), k.rmsNormWeightGradient(g[0], x[0], 1e-5)
                },
                "rms_norm",
                1e-5);
    }),
    LAYER_NORM(d -> {
        NormKernels k = NormKernels.of(d.scope());
        int width = d.size(5, 17);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 5), width), d.normal(width), d.normal(width)},
                x -> new NDArray[] {k.layerNorm(x[0], x[1], x[2], 1e-2)},
                (g, x) -> new NDArray[] {
                    k.layerNormGradient(g[0], x[0], x[1], 1e-2),
                    k.layerNormWeightGradient(g[0], x[0], 1e-2),
                    d.scope().kernels().sumRows(g[0])
                },
                "layer_norm",
                1e-2);
    }),
    LAYER_NORM_WITHOUT_WEIGHTS(d -> {
        NormKernels k = NormKernels.of(d.scope());
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 5), d.size(5, 17))},
                x -> new NDArray[] {k.layerNorm(x[0], null, null, 1e-2)},
                (g, x) -> new NDArray[] {k.layerNormGradient(g[0], x[0], null, 1e-2)},
                "layer_norm_without_weights",
                1e-2);
    }),
    SILU(d -> activation(d, ActivationFunction.SILU)),
    GELU(d -> activation(d, ActivationFunction.GELU)),
    GELU_TANH(d -> activation(d, ActivationFunction.GELU_TANH)),
    CLIPPED_GELU(d -> activation(d, ActivationFunction.CLIPPED_GELU)),
    QUICK_GELU(d -> activation(d, ActivationFunction.QUICK_GELU)),
    RELU(d -> activation(d, ActivationFunction.RELU)),
    SQUARED_RELU(d -> activation(d, ActivationFunction.SQUARED_RELU)),
    RELU6(d -> activation(d, ActivationFunction.RELU6)),
    LEAKY_RELU(d -> activation(d, ActivationFunction.LEAKY_RELU)),
    MISH(d -> activation(d, ActivationFunction.MISH)),
    HARD_SWISH(d -> activation(d, ActivationFunction.HARD_SWISH)),
    TANH(d -> activation(d, ActivationFunction.TANH)),
    SIGMOID(d -> activation(d, ActivationFunction.SIGMOID)),
    SQRT_SOFTPLUS(d -> activation(d, ActivationFunction.SQRT_SOFTPLUS)),
    LAPLACE(d -> activation(d, ActivationFunction.LAPLACE)),
    IDENTITY(d -> activation(d, ActivationFunction.LINEAR)),
    SWIGLU(d -> {
        Kernels k = d.scope().kernels();
        int rows = d.size(1, 5);
        int width = d.size(1, 9);
        return new KernelPair(
                new NDArray[] {d.normal(rows, width), d.normal(rows, width)},
                x -> new NDArray[] {k.swiGlu(x[0], x[1])},
                (g, x) -> k.swiGluGradient(g[0], x[0], x[1]),
                "swiglu");
    }),
    EXACT_RMS_NORM(KernelFamily::exactRmsNorm),
    SOFT_CAP(KernelFamily::softCap),
    ROTARY(d -> rotary(d, false)),
    PARTIAL_ROTARY(d -> rotary(d, true)),
    SPLIT_INTERLEAVED(KernelFamily::splitInterleaved),
    SPLIT_BLOCKS(KernelFamily::splitBlocks),
    CROSS_ENTROPY(KernelFamily::crossEntropy),
    DROPOUT(KernelFamily::dropout),
    ATTENTION(d -> AttentionCase.draw(d, false, false, false, AttentionCase.NONE)),
    ATTENTION_CAP(d -> AttentionCase.drawCapped(d, false, AttentionCase.NONE)),
    ATTENTION_CAP_WINDOW_BLOCKS(d -> AttentionCase.drawCapped(d, true, AttentionCase.BLOCKS)),
    ATTENTION_CAP_TILES(d -> AttentionCase.drawCapped(d, false, AttentionCase.TILES)),
    ATTENTION_WINDOW(d -> AttentionCase.draw(d, true, false, false, AttentionCase.NONE)),
    ATTENTION_ALIBI(d -> AttentionCase.draw(d, false, true, false, AttentionCase.NONE)),
    ATTENTION_PREFIX(d -> AttentionCase.draw(d, d.coin(), d.coin(), true, AttentionCase.NONE)),
    LONG_ATTENTION(d -> AttentionCase.draw(d, false, false, false, AttentionCase.BLOCKS)),
    LONG_ATTENTION_WINDOW(d -> AttentionCase.draw(d, true, false, false, AttentionCase.BLOCKS)),
    LONG_ATTENTION_ALIBI(d -> AttentionCase.draw(d, d.coin(), true, false, AttentionCase.BLOCKS)),
    LONG_ATTENTION_PREFIX(d -> AttentionCase.draw(d, d.coin(), d.coin(), true, AttentionCase.BLOCKS)),
    TILED_ATTENTION(d -> AttentionCase.draw(d, d.coin(), false, false, AttentionCase.TILES)),
    /** Some rows go to the one kernel, some to the other. */
    MIXED_ATTENTION(d -> AttentionCase.draw(d, d.coin(), d.coin(), d.coin(), AttentionCase.MIXED)),
    OPENED_ATTENTION(d -> AttentionCase.drawOpened(d, d.coin(), d.coin(), d.coin(), AttentionCase.NONE)),
    LONG_OPENED_ATTENTION(d -> AttentionCase.drawOpened(d, d.coin(), d.coin(), d.coin(), AttentionCase.BLOCKS)),
    TILED_OPENED_ATTENTION(d -> AttentionCase.drawOpened(d, false, false, false, AttentionCase.TILES)),
    MIXED_OPENED_ATTENTION(d -> AttentionCase.drawOpened(d, d.coin(), d.coin(), d.coin(), AttentionCase.MIXED)),
    BIDIRECTIONAL_ATTENTION(d -> AttentionCase.drawBidirectional(d, false, d.coin(), d.coin(), AttentionCase.NONE)),
    BIDIRECTIONAL_ATTENTION_WINDOW(
            d -> AttentionCase.drawBidirectional(d, true, d.coin(), d.coin(), AttentionCase.NONE)),
    LONG_BIDIRECTIONAL_ATTENTION(
            d -> AttentionCase.drawBidirectional(d, false, d.coin(), d.coin(), AttentionCase.BLOCKS)),
    LONG_BIDIRECTIONAL_ATTENTION_WINDOW(
            d -> AttentionCase.drawBidirectional(d, true, d.coin(), d.coin(), AttentionCase.BLOCKS)),
    TILED_BIDIRECTIONAL_ATTENTION(d -> AttentionCase.drawBidirectional(d, false, false, false, AttentionCase.TILES)),
    MIXED_BIDIRECTIONAL_ATTENTION(
            d -> AttentionCase.drawBidirectional(d, d.coin(), d.coin(), d.coin(), AttentionCase.MIXED));

    private final Function<Draw, KernelPair> draw;

    KernelFamily(Function<Draw, KernelPair> draw) {
        this.draw = draw;
    }

    KernelPair draw(Draw from) {
        return draw.apply(from);
    }

    private static KernelPair linear(Draw d) {
        Kernels k = d.scope().kernels();
        int in = d.size(1, 7);
        int out = d.size(1, 7);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 9), in), d.normal(out, in), d.normal(out)},
                x -> new NDArray[] {k.linear(x[0], x[1], x[2])},
                (g, x) -> new NDArray[] {k.linearGradient(g[0], x[1], null), k.outer(g[0], x[0]), k.sumRows(g[0])},
                "linear");
    }

    /** The input's gradient is computed together with another sum, which is taken off again. */
    private static KernelPair linearAdd(Draw d) {
        Kernels k = d.scope().kernels();
        int rows = d.size(1, 9);
        int in = d.size(1, 7);
        int out = d.size(1, 7);
        NDArray sum = d.normal(rows, in);
        return new KernelPair(
                new NDArray[] {d.normal(rows, in), d.normal(out, in), d.normal(rows, out)},
                x -> new NDArray[] {k.linearAdd(x[0], x[1], x[2])},
                (g, x) -> new NDArray[] {
                    k.subtract(k.linearGradient(g[0], x[1], sum), sum), k.outer(g[0], x[0]), k.copy(g[0])
                },
                "linear");
    }

    /** Of values on both sides of every bend: at 0, at 3 and -3, at 6 and at 10. */
    private static KernelPair activation(Draw d, ActivationFunction function) {
        Kernels k = d.scope().kernels();
        return new KernelPair(
                new NDArray[] {d.spread(d.size(1, 4), d.size(1, 11))},
                x -> new NDArray[] {k.activate(function, x[0])},
                (g, x) -> new NDArray[] {k.activateGradient(function, g[0], x[0])},
                function.kernel());
    }

    private static KernelPair rotary(Draw d, boolean partial) {
        Scope scope = d.scope();
        AttentionKernels k = AttentionKernels.of(scope);
        int tokens = d.size(1, 5);
        int half = d.size(1, 4);
        double factor = d.coin() ? 1 : 1.3;
        NDArray positions = d.below(50, tokens);
        float[] angles = new float[half];
        for (int i = 0; i < half; i++) {
            angles[i] = (float) Math.pow(10, -2.0 * i / half);
        }
        NDArray frequencies = scope.floats(angles, half);
        NDArray[] tables = k.rotaryTables(positions, frequencies, factor, d.precision());
        return new KernelPair(
                new NDArray[] {d.normal(tokens, d.size(1, 3), 2L * half + (partial ? d.size(1, 3) : 0))},
                x -> new NDArray[] {k.rotary(x[0], tables[0], tables[1])},
                (g, x) -> new NDArray[] {k.rotary(g[0], tables[0], tables[2])},
                partial ? "rotary_partial" : "rotary",
                positions,
                frequencies,
                factor);
    }

    private static KernelPair splitInterleaved(Draw d) {
        AttentionKernels k = AttentionKernels.of(d.scope());
        long heads = d.size(1, 3);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 4), 3 * heads * d.size(1, 3))},
                x -> k.splitInterleaved(x[0], heads),
                (g, x) -> new NDArray[] {k.joinInterleaved(g[0], g[1], g[2])},
                "split_interleaved",
                heads);
    }

    private static KernelPair splitBlocks(Draw d) {
        AttentionKernels k = AttentionKernels.of(d.scope());
        long heads = d.size(1, 3);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 4), 3 * heads * d.size(1, 3))},
                x -> k.splitBlocks(x[0], heads, heads),
                (g, x) -> new NDArray[] {k.joinBlocks(g[0], g[1], g[2])},
                "split_blocks",
                heads);
    }

    private static KernelPair exactRmsNorm(Draw d) {
        NormKernels k = NormKernels.of(d.scope());
        int width = d.size(1, 17);
        float[] weights = new float[width];
        Arrays.fill(weights, 1.5f);
        NDArray weight = d.scope().floats(weights, width);
        return new KernelPair(
                new NDArray[] {d.awayFromZero(d.size(1, 5), width)},
                x -> new NDArray[] {k.rmsNormExact(x[0], weight, 1e-5)},
                (g, x) -> new NDArray[] {k.rmsNormGradient(g[0], x[0], weight, 1e-5)},
                "rms_norm",
                weight,
                1e-5);
    }

    private static KernelPair softCap(Draw d) {
        Kernels k = d.scope().kernels();
        double cap = 0.5 * d.size(1, 5);
        return new KernelPair(
                new NDArray[] {d.normal(d.size(1, 5), d.size(1, 9))},
                x -> new NDArray[] {k.softCap(x[0], cap)},
                (g, x) -> new NDArray[] {k.softCapGradient(g[0], x[0], cap)},
                "soft_cap",
                cap);
    }

    private static KernelPair crossEntropy(Draw d) {
        Scope scope = d.scope();
        Kernels k = scope.kernels();
        int rows = d.size(1, 5);
        int vocabulary = d.size(2, 9);
        double weight = 0.5 + d.size(0, 3);
        NDArray targets = d.below(vocabulary, rows);
        return new KernelPair(
                new NDArray[] {d.normal(rows, vocabulary)},
                x -> new NDArray[] {scope.floats(new float[] {(float) (k.crossEntropyLoss(x[0], targets) * weight)}, 1)
                },
                (g, x) -> {
                    try (NDArray gradient = k.copy(x[0])) {
                        k.crossEntropyInto(gradient, targets, weight);
                        return new NDArray[] {k.scale(gradient, k.toFloats(g[0])[0])};
                    }
                },
                "cross_entropy",
                targets,
                weight);
    }

    private static KernelPair dropout(Draw d) {
        Scope scope = d.scope();
        Kernels k = scope.kernels();
        int rows = d.size(1, 5);
        int width = d.size(1, 9);
        double p = d.size(0, 9) / 10.0;
        long seed = d.size(0, 1_000_000) * 0x123456789L;
        float[] ones = new float[rows * width];
        java.util.Arrays.fill(ones, 1);
        return new KernelPair(
                new NDArray[] {d.normal(rows, width)},
                x -> new NDArray[] {k.dropout(x[0], p, seed)},
                (g, x) -> new NDArray[] {k.dropout(g[0], p, seed)},
                "times",
                k.dropout(scope.floats(ones, rows, width), p, seed));
    }
}
