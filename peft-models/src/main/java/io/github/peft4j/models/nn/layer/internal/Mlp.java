package io.github.peft4j.models.nn.layer.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.Linear;

/**
 * A feed-forward part of two linear layers: \(y = W_2 f(W_1 x + b_1) + b_2\).
 *
 * <p>Shapes: x and y {@code [N, D]}, inside {@code [N, F]}. The children carry the architecture's names.
 */
public final class Mlp extends FeedForward implements Scripted {

    private final Slot in;
    private final Slot out;
    private final ActivationFunction function;

    /** A feed-forward part over two existing layers. */
    public Mlp(String inName, Linear in, String outName, Linear out, ActivationFunction function) {
        this.in = child(inName, in, Role.FEED_FORWARD_INPUT);
        this.out = child(outName, out, Role.FEED_FORWARD_OUTPUT);
        this.function = function;
    }

    @Override
    Slot last() {
        return out;
    }

    @Override
    Activation inner(Forward context, Activation x) {
        try (Activation projected = in.forward(context, x)) {
            return Functions.activate(context, function, projected);
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return script.write(out, script.line(function.call(script.write(in, x))));
    }
}
