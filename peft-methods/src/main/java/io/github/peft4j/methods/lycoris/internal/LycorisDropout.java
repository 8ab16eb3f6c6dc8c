package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.nn.Forward;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What is dropped of an update in training: outputs of it, or all of it.
 *
 * @param ofOutputs probability with which an output is dropped, for all rows of a pass alike
 * @param ofUpdate probability with which a pass goes without the update
 * @param scaled whether outputs that are left are divided by their share
 */
record LycorisDropout(double ofOutputs, double ofUpdate, boolean scaled) {

    /** Draws whether a pass goes without the update. */
    boolean dropsUpdate(Forward context) {
        return ofUpdate > 0
                && context.dropoutApplies()
                && new SplittableRandom(context.nextDropoutSeed()).nextDouble() < ofUpdate;
    }

    /** Draws what each of the outputs [N, out] is multiplied by in a pass, float32 [out]; null if none is dropped. */
    @Nullable
    NDArray keep(Forward context, NDArray outputs) {
        return ofOutputs == 0 || !context.dropoutApplies()
                ? null
                : LycorisKernels.of(context.kernels()).keep(outputs, ofOutputs, context.nextDropoutSeed(), scaled);
    }
}
