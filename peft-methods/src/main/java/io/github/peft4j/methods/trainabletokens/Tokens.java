package io.github.peft4j.methods.trainabletokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The trained vectors of some tokens, which an embedding and an output layer may share.
 *
 * @param numbers the T tokens
 * @param index the same, int64 [T]
 * @param places for each token of the vocabulary its place among the trained ones, or -1; int64 [V]
 * @param vectors float32 [T, D]: what takes the place of the tables' rows, not what is added to them
 */
record Tokens(List<Integer> numbers, NDArray index, NDArray places, Weight vectors) {

    /** What Hugging Face calls the vectors. */
    static final String NAME = "trainable_tokens_delta";

    /** For each token of a vocabulary its place among some tokens, or -1. */
    static long[] places(List<Integer> tokens, long vocabulary) {
        long[] places = new long[Math.toIntExact(vocabulary)];
        Arrays.fill(places, -1);
        for (int i = 0; i < tokens.size(); i++) {
            places[tokens.get(i)] = i;
        }
        return places;
    }

    /** The tokens of a layer that wraps others of its kind. */
    interface Holder {
        /** Its tokens. */
        Tokens tokens();

        /** Whether it puts its vectors in the place of others now. */
        boolean isInUse();
    }

    /**
     * Makes sure that no adapter that is on under a layer trains one of these tokens too.
     *
     * @throws IllegalStateException if one does
     */
    void requireApart(Module under) {
        for (Module inner = under; inner instanceof Wrapper wrapper; inner = BaseModules.under(wrapper)) {
            if (inner instanceof Holder other
                    && other.isInUse()
                    && !Collections.disjoint(numbers, other.tokens().numbers)) {
                throw new IllegalStateException("Token indices of two adapters that are active together overlap: "
                        + other.tokens().numbers + " and " + numbers
                        + ". Only disjunct token indices are currently supported.");
            }
        }
    }

    void free() {
        AdaptedLayer.free(vectors);
        index.close();
        places.close();
    }
}
