package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import java.util.List;

/**
 * The gated feed-forward part of a Llama block: \(y = W_{down}(f(W_{gate} x) \cdot W_{up} x)\).
 *
 * <p>Shapes: x and y {@code [N, D]}, inside {@code [N, F]}. Children {@code gate_proj}, {@code up_proj}, {@code down_proj}.
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer 2020, SwiGLU</a>
 */
public final class GatedMlp extends FeedForward implements Scripted {

    private final Slot gate;
    private final Slot up;
    private final Slot down;
    private final ActivationFunction function;

    private GatedMlp(Weights weights, long width, long inner, boolean bias, ActivationFunction function) {
        this.gate = child("gate_proj", Linear.load(weights.at("gate_proj"), width, inner, bias));
        this.up = child("up_proj", Linear.load(weights.at("up_proj"), width, inner, bias));
        this.down = child("down_proj", Linear.load(weights.at("down_proj"), inner, width, bias));
        this.function = function;
    }

    /** Reads the three projections. */
    public static GatedMlp load(Weights weights, long width, long inner, boolean bias, ActivationFunction function) {
        return new GatedMlp(weights, width, inner, bias, function);
    }

    @Override
    Slot last() {
        return down;
    }

    @Override
    Activation inner(Forward context, Activation x) {
        try (Activation g = gate.forward(context, x);
                Activation u = up.forward(context, x)) {
            return function == ActivationFunction.SILU ? swiGlu(context, g, u) : gated(context, g, u);
        }
    }

    private static Activation swiGlu(Forward context, Activation gate, Activation up) {
        Kernels k = context.kernels();
        boolean needed = gate.needsGradient() || up.needsGradient();
        List<NDArray> saved = context.save(needed, gate.array(), up.array());
        return context.record(k.swiGlu(gate.array(), up.array()), needed, saved, g -> {
            NDArray[] gradients = k.swiGluGradient(g, saved.get(0), saved.get(1));
            give(gate, gradients[0], k);
            give(up, gradients[1], k);
        });
    }

    private Activation gated(Forward context, Activation gate, Activation up) {
        Kernels k = context.kernels();
        Activation active = Functions.activate(context, function, gate);
        boolean needed = active.needsGradient() || up.needsGradient();
        List<NDArray> saved = context.save(needed, active.array(), up.array());
        Activation product = context.record(k.multiply(active.array(), up.array()), needed, saved, g -> {
            give(active, k.multiply(g, saved.get(1)), k);
            give(up, k.multiply(g, saved.get(0)), k);
        });
        active.close();
        return product;
    }

    private static void give(Activation to, NDArray gradient, Kernels k) {
        if (to.needsGradient()) {
            to.accumulate(gradient, k);
        } else {
            gradient.close();
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        String g = script.write(gate, x);
        String u = script.write(up, x);
        return script.write(down, script.line("torch.mul(" + function.call(g) + ", " + u + ")"));
    }
}
