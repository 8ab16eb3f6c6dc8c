package io.github.peft4j.models.generate.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;

/** How a token is chosen by the scores of all tokens. */
public sealed interface Sampler {

    /** Draws have this many bits: so many that the least likely token is reached, and none is rounded to the end of the line. */
    int DRAW_BITS = 52;

    /**
     * Chooses a token for each row.
     *
     * @param scratch owns what is made on the way
     * @param scores [B, V] in any format; stay as they are
     * @param draws one number per row, from 0 to 2^{@value #DRAW_BITS} - 1, each as likely as the others
     * @return one id per row, or -1 where the scores are not finite
     */
    int[] choose(Scope scratch, NDArray scores, long[] draws);

    /** The way that some settings ask for. */
    static Sampler of(GenerationConfig config) {
        return config.greedy() ? new Greedy() : new Categorical(config.temperature(), config.topK(), config.topP());
    }

    /** The likeliest token, the first of equals. */
    record Greedy() implements Sampler {
        @Override
        public int[] choose(Scope scratch, NDArray scores, long[] draws) {
            return new ScoreKernels(scratch).best(scores);
        }
    }

    /**
     * A token drawn from the softmax of the scores, after temperature, top-k and top-p in this order, as Hugging Face's warpers have it:
     * of tokens as likely as the k-th all stay, and the likeliest always does. The token depends on the row's scores and its draw alone.
     *
     * @param temperature divides the scores
     * @param topK number of likeliest tokens that stay; 0 for all
     * @param topP share of probability that must stay; 1 for all
     */
    record Categorical(double temperature, int topK, double topP) implements Sampler {
        @Override
        public int[] choose(Scope scratch, NDArray scores, long[] draws) {
            try (NDArray own = warped(scratch, scores)) {
                return new ScoreKernels(scratch).draw(own, draws);
            }
        }

        /** The scores after temperature, top-k and top-p, float32 [B, V], owned by {@code scratch}. */
        NDArray warped(Scope scratch, NDArray scores) {
            Kernels kernels = scratch.kernels();
            ScoreKernels change = new ScoreKernels(scratch);
            NDArray own = kernels.cast(scores, Precision.FLOAT32);
            if (temperature != 1) {
                change.temper(own, temperature);
            }
            if (topK > 0) {
                change.topK(own, topK);
            }
            if (topP < 1) {
                change.topP(own, topP);
            }
            return own;
        }
    }
}
