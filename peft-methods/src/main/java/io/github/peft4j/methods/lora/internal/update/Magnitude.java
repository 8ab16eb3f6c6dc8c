package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * DoRA's trainable length m of each output's weights, which the norm n of those weights is exchanged for. The norm follows the factors but
 * passes no gradient to them.
 *
 * @param weight m, float32 [out]
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al. 2024, sections 4.1 and 4.3</a>
 */
public record Magnitude(Weight weight) {

    /** The name in files, for which Hugging Face has no {@code .weight}. */
    public static final String NAME = "lora_magnitude_vector";

    /**
     * n [out]: norms of each output's weights in W + s B A, and what {@code taken} adds to that.
     *
     * @param matrix W in any format
     * @param transposed whether W lies [in, out], as in GPT-2's layers and in embeddings
     */
    static NDArray norms(Kernels k, NDArray matrix, boolean transposed, LowRank update, @Nullable LowRank taken) {
        LoraKernels kernels = LoraKernels.of(k);
        if (taken == null) {
            return kernels.norms(
                    matrix, transposed, update.a().array(), update.b().array(), update.scale());
        }
        try (NDArray a = k.concat(List.of(update.a().array(), taken.a().array()), 0);
                NDArray ours = k.scale(update.b().array(), update.scale());
                NDArray theirs = k.scale(taken.b().array(), taken.scale());
                NDArray b = k.concat(List.of(ours, theirs), 1)) {
            return kernels.norms(matrix, transposed, a, b, 1);
        }
    }

    /** m / n [out]. */
    NDArray factor(Kernels k, NDArray norms) {
        return LoraKernels.of(k).divide(weight.array(), norms);
    }

    /** Adds the sum over rows of g u / n to m's gradient; u is what the factor multiplied. */
    void accumulate(Kernels k, NDArray g, NDArray u, NDArray norms) {
        if (weight.trainable()) {
            weight.accumulate(LoraKernels.of(k).magnitudeGradient(g, u, norms));
        }
    }
}
