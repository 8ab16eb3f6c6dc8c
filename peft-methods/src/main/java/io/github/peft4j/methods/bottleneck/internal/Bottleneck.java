package io.github.peft4j.methods.bottleneck.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;

/**
 * The network of one adapter. All weights are float32.
 *
 * @param down \(W_d\) [R, D]
 * @param downBias \(b_d\) [R]
 * @param up \(W_u\) [D, R]
 * @param upBias \(b_u\) [D]
 * @param function f
 */
record Bottleneck(Weight down, Weight downBias, Weight up, Weight upBias, ActivationFunction function) {

    /**
     * Weights uniform within one by the root of their inputs, as torch's linear layers begin; biases of nothing.
     *
     * @param asNothing whether \(W_u\) begins at zero, so that the network's outcome does
     */
    static Bottleneck of(NewWeights first, long width, int size, ActivationFunction function, boolean asNothing) {
        Weight down = first.uniform("bottleneck_down.weight", width, size, width);
        Weight up = asNothing
                ? first.zeros("bottleneck_up.weight", width, size)
                : first.uniform("bottleneck_up.weight", size, width, size);
        return new Bottleneck(
                down,
                first.zeros("bottleneck_down.bias", size),
                up,
                first.zeros("bottleneck_up.bias", width),
                function);
    }

    List<Weight> weights() {
        return List.of(down, downBias, up, upBias);
    }

    void free() {
        weights().forEach(Weight::free);
    }

    /** The weights as one pass computes with them, in the base layer's format; made once per pass, which owns them. */
    record Converted(NDArray down, NDArray downBias, NDArray up, NDArray upBias) {}

    private record Key(Weight down, Precision precision) {}

    Converted converted(Forward context, Precision precision) {
        Kernels k = context.kernels();
        return context.shared(
                new Key(down, precision),
                () -> new Converted(
                        down.in(precision, k),
                        downBias.in(precision, k),
                        up.in(precision, k),
                        upBias.in(precision, k)));
    }

    /** Writes \(z + W_u f(W_d z + b_d) + b_u\) into a script; returns its name. */
    String write(TokenScript script, Precision precision, String z) {
        String inner = script.line("self.linear(" + z + ", " + script.array(k -> down.in(precision, k)) + ", "
                + script.array(k -> downBias.in(precision, k)) + ", one_dnn)");
        String active = script.line(function.call(inner));
        String outer = script.line("self.linear(" + active + ", " + script.array(k -> up.in(precision, k)) + ", "
                + script.array(k -> upBias.in(precision, k)) + ", one_dnn)");
        return script.line("torch.add(" + z + ", " + outer + ")");
    }
}
