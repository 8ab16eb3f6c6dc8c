package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.AutogradNode;
import io.github.peft4j.models.nn.internal.PoolingKernels;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Recorded functions that are no modules of their own. */
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

    /** x times a factor. */
    public static Activation scaled(Forward context, Activation x, double factor) {
        Kernels k = context.kernels();
        return context.record(
                k.scale(x.array(), factor), x.needsGradient(), List.of(), g -> x.accumulate(k.scale(g, factor), k));
    }

    /** \(c \tanh(x / c)\), element by element; saves x. */
    public static Activation softCap(Forward context, Activation x, double cap) {
        Kernels k = context.kernels();
        List<NDArray> saved = context.save(x.needsGradient(), x.array());
        return context.record(
                k.softCap(x.array(), cap),
                x.needsGradient(),
                saved,
                g -> x.accumulate(k.softCapGradient(g, saved.get(0), cap), k));
    }

    /** x in another format; its gradient comes back in x's own. */
    public static Activation cast(Forward context, Activation x, Precision precision) {
        Kernels k = context.kernels();
        Precision before = k.precision(x.array());
        return context.record(
                k.cast(x.array(), precision), x.needsGradient(), List.of(), g -> x.accumulate(k.cast(g, before), k));
    }

    /** Rows of x by number. */
    public static Activation rows(Forward context, Activation x, NDArray index) {
        Kernels k = context.kernels();
        long count = x.array().getShape().get(0);
        List<NDArray> saved = context.save(x.needsGradient(), index);
        return context.record(
                k.rows(x.array(), index),
                x.needsGradient(),
                saved,
                g -> x.accumulate(k.rowsGradient(g, saved.get(0), count), k));
    }

    /** Values of the same rows side by side: [N, W] each to [N, sum of W]. */
    public static Activation concat(Forward context, List<Activation> parts) {
        Kernels k = context.kernels();
        long[] widths =
                parts.stream().mapToLong(part -> part.array().getShape().get(1)).toArray();
        boolean needed = parts.stream().anyMatch(Activation::needsGradient);
        return context.record(k.concat(parts.stream().map(Activation::array).toList(), 1), needed, List.of(), g -> {
            long from = 0;
            for (int part = 0; part < widths.length; part++) {
                if (parts.get(part).needsGradient()) {
                    try (NDArray own = k.narrow(g, 1, from, widths[part])) {
                        parts.get(part).accumulate(k.contiguous(own), k);
                    }
                }
                from += widths[part];
            }
        });
    }

    /** x / max(|x|, 1e-12), row by row; saves x. */
    public static Activation unit(Forward context, Activation x) {
        Kernels k = context.kernels();
        PoolingKernels pooling = PoolingKernels.of(context.scope());
        List<NDArray> saved = context.save(x.needsGradient(), x.array());
        return context.record(
                pooling.unit(x.array()),
                x.needsGradient(),
                saved,
                g -> x.accumulate(pooling.unitGradient(g, saved.get(0)), k));
    }

    /**
     * What a function makes of inputs and weights, by torch's own autograd where a gradient will be needed: the way for small networks that do not deserve a backward
     * step of their own. The function sees float32 values, whatever the model's format, and computes with DJL's operators.
     *
     * @param function makes one array of the values of the inputs, then of the weights, in the order given; they are not to be closed, and operators
     *     without a gradient formula ({@link Kernels} among them, which refuse) must not be used. Whatever else it makes on this thread is freed when it returns
     * @return the result, in the format that the function returned; the caller closes it
     * @throws IllegalStateException if this is called within such a function, or a gradient is needed and the result depends on nothing that needs one
     */
    public static Activation autograd(
            Forward context, List<Activation> inputs, List<Weight> weights, Function<NDArray[], NDArray> function) {
        return AutogradNode.run(
                context.scope(), context.isRecording() ? context.tape() : null, inputs, weights, function);
    }

    /** The first and the second half of x [N, 2 W], [N, W] each, as views; x is closed. */
    public static Activation[] halves(Forward context, Activation x) {
        Kernels k = context.kernels();
        long width = x.array().getShape().get(1) / 2;
        NDArray[] parts = {k.narrow(x.array(), 1, 0, width), k.narrow(x.array(), 1, width, width)};
        x.close();
        if (!context.isRecording() || !x.needsGradient()) {
            return new Activation[] {Activation.constant(parts[0]), Activation.constant(parts[1])};
        }
        return context.tape()
                .push(
                        parts,
                        List.of(),
                        g -> x.accumulate(
                                k.concat(List.of(Objects.requireNonNull(g[0]), Objects.requireNonNull(g[1])), 1), k));
    }

    /**
     * x with each value zeroed with probability {@code p} and the rest scaled by 1 / (1 - p), where dropout applies; otherwise x
     * itself. The places are drawn again in the backward pass, so nothing is saved.
     *
     * @throws IllegalStateException if rows share a prefix, which would be dropped from in one way for all of them
     */
    public static Activation dropout(Forward context, Activation x, double p) {
        if (p == 0 || !context.dropoutApplies()) {
            return x;
        }
        if (context.rows().sharedPrefix()) {
            throw new IllegalStateException(
                    "dropout in rows that share a prefix: a module that drops activations must say so,"
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
