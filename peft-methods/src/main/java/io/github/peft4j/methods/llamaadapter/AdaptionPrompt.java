package io.github.peft4j.methods.llamaadapter;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.methods.layers.FirstValues;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.SplittableRandom;

/**
 * What one block trains. Float32 whatever the base's format.
 *
 * @param tokens trained tokens [1, P, D]
 * @param gate what their outcome is multiplied by [1]
 */
record AdaptionPrompt(Weight tokens, Weight gate) {

    /** Tokens from the standard normal distribution and a closed gate. */
    static AdaptionPrompt drawn(Scope scope, int length, int width, SplittableRandom random) {
        return of(scope, FirstValues.normal(scope, random, 1, 1, length, width));
    }

    /** Zeros, for saved values to replace. */
    static AdaptionPrompt blank(Scope scope, int length, int width) {
        return of(scope, FirstValues.zeros(scope, 1, length, width));
    }

    private static AdaptionPrompt of(Scope scope, NDArray tokens) {
        return new AdaptionPrompt(
                FirstValues.weight("adaption_prompt", tokens, scope),
                FirstValues.weight("adaption_gate", FirstValues.zeros(scope, 1), scope));
    }

    /** P. */
    int length() {
        return (int) tokens.shape().get(1);
    }

    /** D. */
    int width() {
        return (int) tokens.shape().get(2);
    }

    /** Frees both. */
    void free() {
        AdaptedLayer.free(tokens);
        AdaptedLayer.free(gate);
    }
}
