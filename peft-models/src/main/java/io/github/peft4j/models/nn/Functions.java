package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import java.util.List;

/** Recorded element-wise functions that are no modules of their own. */
public final class Functions {

    private Functions() {}

    /** f(x), element by element; saves x. */
    public static Activation activate(Forward context, ActivationFunction function, Activation x) {
        Kernels k = context.kernels();
        List<NDArray> saved = context.save(x.needsGradient(), x.array());
        return context.record(
                k.activate(function, x.array()),
                x.needsGradient(),
                saved,
                g -> x.accumulate(k.activateGradient(function, g, saved.get(0)), k));
    }

    /**
     * x with each value zeroed with probability {@code p} and the rest scaled by 1 / (1 - p), where dropout applies; otherwise x
     * itself. The places are drawn again in the backward pass, so nothing is saved.
     *
     * @throws IllegalStateException if rows share an opening, which would be dropped from in one way for all of them
     */
    public static Activation dropout(Forward context, Activation x, double p) {
        if (p == 0 || !context.dropoutApplies()) {
            return x;
        }
        if (context.rows().opening()) {
            throw new IllegalStateException(
                    "dropout in rows that share an opening: a module that drops activations must say so,"
                            + " see Module.dropsActivations");
        }
        Kernels k = context.kernels();
        long seed = context.nextDropoutSeed();
        return context.record(
                k.dropout(x.array(), p, seed),
                x.needsGradient(),
                List.of(),
                g -> x.accumulate(k.dropout(g, p, seed), k));
    }
}
