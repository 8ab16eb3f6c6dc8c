package io.github.peft4j.methods.llamaadapter.internal;

import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.kernel.Weight;

/**
 * What one block trains. Float32 whatever the base's format.
 *
 * @param tokens trained tokens [1, P, D]
 * @param gate what their outcome is multiplied by [1]
 */
record AdaptionPrompt(Weight tokens, Weight gate) {

    /** Tokens from the standard normal distribution and a closed gate. */
    static AdaptionPrompt of(NewWeights first, int length, int width) {
        return new AdaptionPrompt(first.normal("adaption_prompt", 1, length, width), first.zeros("adaption_gate", 1));
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
        tokens.free();
        gate.free();
    }
}
