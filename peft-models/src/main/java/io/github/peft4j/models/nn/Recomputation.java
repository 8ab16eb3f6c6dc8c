package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.Tape;
import java.util.List;

/** A module that is run twice, see {@link Forward#recompute}: on no tape first, and on one of its own in the backward pass. */
final class Recomputation {

    private Recomputation() {}

    static Activation run(Forward context, Module module, Activation x) {
        boolean needed = x.needsGradient()
                || context.prefixes().stream()
                        .anyMatch(p -> p.key().needsGradient() || p.value().needsGradient())
                || module.weightsByPath().values().stream().anyMatch(Weight::trainable);
        long before = context.dropouts().given();
        NDArray output = module.forward(context.onTape(null), x).array();
        List<NDArray> saved = context.save(needed, x.array());
        return context.record(
                output,
                needed,
                saved,
                g -> walkBack(context, module, x, context.scope().alias(saved.get(0)), g, before));
    }

    private static void walkBack(
            Forward context, Module module, Activation x, NDArray input, NDArray gradient, long before) {
        long after = context.dropouts().given();
        context.dropouts().resumeAfter(before);
        Activation again = x.needsGradient() ? Activation.variable(input) : Activation.constant(input);
        try (Tape inner = new Tape()) {
            Activation output = module.replay(context.onTape(inner), again);
            output.accumulateShared(gradient, context.kernels());
            output.close();
            inner.backward();
        }
        context.dropouts().resumeAfter(after);
        again.close();
        try (NDArray flowed = again.takeGradient()) {
            if (flowed != null) {
                // It may be the very memory that came in, where the module passes a gradient through.
                x.accumulateShared(flowed, context.kernels());
            }
        }
    }
}
