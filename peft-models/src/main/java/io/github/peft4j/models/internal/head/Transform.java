package io.github.peft4j.models.internal.head;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import org.jspecify.annotations.Nullable;

/**
 * What a head does to hidden states before its output layer: \(y = n(f(W x + b))\) with a norm n or without; BERT's pooler and what its
 * masked language model does.
 *
 * <p>Shapes: x {@code [M, De]}; y {@code [M, F]}. The children carry the architecture's names.
 */
public final class Transform extends Module {

    private final Slot dense;
    private final ActivationFunction function;
    private final boolean insideBackbone;
    private @Nullable Slot norm;

    private Transform(String name, Linear dense, ActivationFunction function, boolean insideBackbone) {
        this.dense = child(name, dense);
        this.function = function;
        this.insideBackbone = insideBackbone;
    }

    /** One that stands beside the backbone in Hugging Face's files. */
    public static Transform of(String name, Linear dense, ActivationFunction function) {
        return new Transform(name, dense, function, false);
    }

    /** One that is a part of the backbone in Hugging Face's files. */
    public static Transform insideBackbone(String name, Linear dense, ActivationFunction function) {
        return new Transform(name, dense, function, true);
    }

    /** The same with a norm behind it. */
    public Transform withNorm(String name, LayerNorm layer) {
        norm = child(name, layer, Role.NORM);
        return this;
    }

    /** Whether its names are below those of the backbone. */
    public boolean isInsideBackbone() {
        return insideBackbone;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation y;
        try (Activation projected = dense.forward(context, x)) {
            y = Functions.activate(context, function, projected);
        }
        if (norm == null) {
            return y;
        }
        try (y) {
            return norm.forward(context, y);
        }
    }
}
