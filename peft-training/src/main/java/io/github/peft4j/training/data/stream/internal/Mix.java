package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.content.internal.SplitMix;
import java.util.List;

/**
 * How rows are drawn from several sources: from each with a probability, as {@code interleave_datasets(probabilities=..., stopping_strategy=...)} of Hugging
 * Face's {@code datasets}. Which source a row comes from depends on the seed, the pass and the number of rows drawn before it alone.
 *
 * @param weights of the sources, all above 0; their shares of the sum are the probabilities
 * @param seed decides the order
 * @param untilAll whether a pass ends when every source has come to its end, those before beginning anew ({@code all_exhausted}); or else when the first
 *     has ({@code first_exhausted})
 */
public record Mix(List<Double> weights, long seed, boolean untilAll) {

    /**
     * Checks the weights.
     *
     * @throws IllegalArgumentException if one is not a finite number above 0
     */
    public Mix {
        weights = List.copyOf(weights);
        if (weights.isEmpty() || !weights.stream().allMatch(weight -> weight > 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException("weights of a mix must be finite numbers above 0, got " + weights);
        }
    }

    /** The source of a row. */
    int draw(long pass, long drawn) {
        long bits = SplitMix.mix(SplitMix.mix(SplitMix.mix(seed) + pass) + drawn);
        double sum = weights.stream().mapToDouble(weight -> weight).sum();
        double left = (bits >>> 11) * 0x1p-53 * sum;
        for (int i = 0; i < weights.size() - 1; i++) {
            left -= weights.get(i);
            if (left < 0) {
                return i;
            }
        }
        return weights.size() - 1;
    }
}
