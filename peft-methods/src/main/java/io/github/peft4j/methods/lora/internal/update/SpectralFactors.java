package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.FirstValues;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization.Initial;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.SplittableRandom;

/**
 * First values of A and B by decompositions. Those are computed in float64 and rounded at the end, so that what the factors take is the same
 * on every processor; Hugging Face PEFT computes them in float32, whose rounding shows where singular values lie close together.
 */
final class SpectralFactors {

    /** What the normal factors of {@link #orthogonal} are divided by. */
    private static final double TENTH = 0.1;

    private SpectralFactors() {}

    /**
     * The largest singular values and vectors of the weight: A is \(\sqrt{S / s}\,V^\top\), B is \(U \sqrt{S / s}\).
     *
     * @param scale s
     * @param iterations of the subspace, for an approximation, or -1
     * @see <a href="https://arxiv.org/abs/2404.02948">Meng, Wang and Zhang 2024, section 3</a>
     */
    static Initial pissa(Linear layer, int rank, double scale, int iterations) {
        Kernels k = layer.weight().scope().kernels();
        LoraKernels lora = LoraKernels.of(k);
        try (NDArray w = matrix(k, layer)) {
            NDArray[] usv = iterations < 0 ? lora.svd(w) : approximate(lora, w, rank, iterations);
            try (NDArray u = k.narrow(usv[0], 1, 0, rank);
                    NDArray s = k.narrow(usv[1], 0, 0, rank);
                    NDArray vh = k.narrow(usv[2], 0, 0, rank)) {
                NDArray[] ab = lora.spread(u, s, vh, scale);
                return new Initial(ab[0], ab[1]);
            } finally {
                close(usv);
            }
        }
    }

    /** From a start that is always the same: a loaded adapter is taken out of the weight as the trained one was. */
    private static NDArray[] approximate(LoraKernels lora, NDArray w, int rank, int iterations) {
        long in = w.getShape().get(1);
        try (NDArray start = FirstValues.normal(lora.scope(), new SplittableRandom(0), 1, in, rank)) {
            return lora.svdLowRank(w, start, iterations);
        }
    }

    /**
     * The first rows of R and columns of Q.
     *
     * @see <a href="https://arxiv.org/abs/2406.01775">Büyükakyüz 2024</a>
     */
    static Initial olora(Linear layer, int rank) {
        Kernels k = layer.weight().scope().kernels();
        LoraKernels lora = LoraKernels.of(k);
        NDArray[] qr;
        try (NDArray w = matrix(k, layer)) {
            qr = lora.qr(w);
        }
        try (NDArray q = k.narrow(qr[0], 1, 0, rank);
                NDArray r = k.narrow(qr[1], 0, 0, rank)) {
            return new Initial(lora.rounded(r), lora.rounded(q));
        } finally {
            close(qr);
        }
    }

    private static NDArray matrix(Kernels k, Linear layer) {
        try (NDArray stored = layer.weight().in(Precision.FLOAT32, k)) {
            return layer.isConv1d() ? k.transpose(stored) : k.alias(stored);
        }
    }

    /**
     * Even and odd rows of one rotation, each spread by normal values.
     *
     * @param rank an even number
     * @see <a href="https://datta0.github.io/posts/rethink-lora-init/">Rethinking LoRA initialisation</a>
     */
    static Initial orthogonal(Scope scope, long in, long out, int rank, SplittableRandom random) {
        Kernels k = scope.kernels();
        LoraKernels lora = LoraKernels.of(k);
        int half = rank / 2;
        NDArray[] qr;
        try (NDArray square = FirstValues.normal(scope, random, 1, rank, rank)) {
            qr = lora.qr(square);
        }
        try (NDArray rotation = lora.rounded(qr[0]);
                NDArray pairs = k.reshape(rotation, half, 2L * rank);
                NDArray even = k.narrow(pairs, 1, 0, rank);
                NDArray odd = k.narrow(pairs, 1, rank, rank);
                NDArray evenColumns = k.transpose(even);
                NDArray left = FirstValues.normal(scope, random, TENTH, half, in);
                NDArray right = FirstValues.normal(scope, random, TENTH, out, half)) {
            return new Initial(k.matmul(evenColumns, left), k.matmul(right, odd));
        } finally {
            close(qr);
        }
    }

    private static void close(NDArray[] arrays) {
        for (NDArray array : arrays) {
            array.close();
        }
    }
}
