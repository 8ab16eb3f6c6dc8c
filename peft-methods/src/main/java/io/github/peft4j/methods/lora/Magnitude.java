package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;

/**
 * DoRA's trainable length m of each output's weights, which the norm n of those weights is exchanged for. The norm follows the factors but
 * passes no gradient to them.
 *
 * @param weight m, float32 [out]
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al. 2024, sections 4.1 and 4.3</a>
 */
record Magnitude(Weight weight) {

    /** The name in files, for which Hugging Face has no {@code .weight}. */
    static final String NAME = "lora_magnitude_vector";

    /** n [out]: norms of the rows of W + s B A; {@code matrix} is W as [out, in] in any format. */
    static NDArray norms(Kernels k, NDArray matrix, LowRank update) {
        return LoraKernels.of(k).norms(matrix, update.a().array(), update.b().array(), update.scale());
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
