package io.github.peft4j.methods.llamaadapter;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
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
        float[] values = new float[Math.multiplyExact(length, width)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return of(scope, scope.floats(values, 1, length, width));
    }

    /** Zeros, for saved values to replace. */
    static AdaptionPrompt blank(Scope scope, int length, int width) {
        return of(scope, scope.zeros(Precision.FLOAT32, 1, length, width));
    }

    private static AdaptionPrompt of(Scope scope, NDArray tokens) {
        return new AdaptionPrompt(
                new Weight("adaption_prompt", tokens, Precision.FLOAT32, scope, false),
                new Weight("adaption_gate", scope.zeros(Precision.FLOAT32, 1), Precision.FLOAT32, scope, false));
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
        tokens.setTrainable(false);
        tokens.array().close();
        gate.setTrainable(false);
        gate.array().close();
    }
}
