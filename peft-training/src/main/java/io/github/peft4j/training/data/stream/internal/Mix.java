package io.github.peft4j.training.data.stream.internal;

import io.github.peft4j.training.data.Dataset.Streamed.Part;
import io.github.peft4j.training.data.content.internal.SplitMix;
import java.util.List;

/**
 * How rows are drawn from several parts: from each with a probability, as {@code interleave_datasets(probabilities=..., stopping_strategy=...)} of Hugging
 * Face's {@code datasets}. Which part a row comes from depends on the seed, the pass and the number of rows drawn before it alone.
 *
 * @param parts what is drawn from, in the order of the sources; their shares of the sum of weights are the probabilities
 * @param seed decides the order
 * @param untilAll whether a pass ends when every part has come to its end, those before beginning anew ({@code all_exhausted}); or else when the first
 *     has ({@code first_exhausted})
 */
public record Mix(List<Part> parts, long seed, boolean untilAll) {

    /**
     * Checks that there is something to draw from.
     *
     * @throws IllegalArgumentException if there is no part
     */
    public Mix {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to draw rows from");
        }
    }

    /** The number of the first source of a part; of the part behind the last the number of all sources. */
    int first(int part) {
        int sum = 0;
        for (int i = 0; i < part; i++) {
            sum += parts.get(i).sources();
        }
        return sum;
    }

    /** The part that a source is of. */
    int partOf(int source) {
        int part = 0;
        while (first(part + 1) <= source) {
            part++;
        }
        return part;
    }

    /** The part that a row comes from. */
    int draw(long pass, long drawn) {
        long bits = SplitMix.mix(SplitMix.mix(SplitMix.mix(seed) + pass) + drawn);
        double sum = parts.stream().mapToDouble(Part::weight).sum();
        double left = (bits >>> 11) * 0x1p-53 * sum;
        for (int i = 0; i < parts.size() - 1; i++) {
            left -= parts.get(i).weight();
            if (left < 0) {
                return i;
            }
        }
        return parts.size() - 1;
    }
}
