package io.github.peft4j.models.nn.layer.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gated feed-forward part of a block: \(y = W_{down}(f(W_{gate} x) \cdot W_{up} x)\).
 *
 * <p>Shapes: x and y {@code [N, D]}, inside {@code [N, F]}. Llama's children are {@code gate_proj} and {@code up_proj}, or both
 * in one {@code gate_up_proj}, and {@code down_proj}.
 *
 * @see <a href="https://arxiv.org/abs/2002.05202">Shazeer 2020, SwiGLU</a>
 */
public final class GatedMlp extends FeedForward implements Scripted {

    private static final String DOWN = "down_proj";

    private final List<Slot> in = new ArrayList<>();
    private final Slot down;
    private final ActivationFunction function;

    private GatedMlp(Map<String, Linear> in, String downName, Linear down, ActivationFunction function) {
        in.forEach((name, layer) -> this.in.add(child(name, layer, Role.FEED_FORWARD_INPUT)));
        this.down = child(downName, down, Role.FEED_FORWARD_OUTPUT);
        this.function = function;
    }

    /** Reads the three projections. */
    public static GatedMlp load(Weights weights, long width, long inner, boolean bias, ActivationFunction function) {
        Map<String, Linear> in = new LinkedHashMap<>();
        in.put("gate_proj", Linear.load(weights.at("gate_proj"), width, inner, bias));
        in.put("up_proj", Linear.load(weights.at("up_proj"), width, inner, bias));
        return new GatedMlp(in, DOWN, Linear.load(weights.at(DOWN), inner, width, bias), function);
    }

    /** Reads {@code gate_up_proj} [2 inner, width], the gate first, and {@code down_proj}. */
    public static GatedMlp loadFused(Weights weights, long width, long inner, ActivationFunction function) {
        return loadFused("gate_up_proj", DOWN, weights, width, inner, false, function);
    }

    /** The same under other names, with biases or without. */
    public static GatedMlp loadFused(
            String in,
            String down,
            Weights weights,
            long width,
            long inner,
            boolean bias,
            ActivationFunction function) {
        Linear both = Linear.load(weights.at(in), width, 2 * inner, bias);
        return new GatedMlp(Map.of(in, both), down, Linear.load(weights.at(down), inner, width, bias), function);
    }

    @Override
    Slot last() {
        return down;
    }

    @Override
    Activation inner(Forward context, Activation x) {
        Activation[] parts = in.size() == 1
                ? Functions.halves(context, in.get(0).forward(context, x))
                : new Activation[] {in.get(0).forward(context, x), in.get(1).forward(context, x)};
        try (Activation g = parts[0];
                Activation u = parts[1]) {
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
        String[] parts = in.size() == 1
                ? script.lines(2, "torch.chunk(" + script.write(in.get(0), x) + ", 2, -1)")
                : new String[] {script.write(in.get(0), x), script.write(in.get(1), x)};
        return script.write(down, script.line("torch.mul(" + function.call(parts[0]) + ", " + parts[1] + ")"));
    }
}
