package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A wrapper that changes what one layer computes for one adapter. Several adapters are wrappers around wrappers, which comes to what
 * Hugging Face PEFT's one layer with several adapters computes, in the order in which they were attached.
 */
public abstract class AdaptedLayer extends Wrapper {

    private boolean enabled = true;
    private @Nullable MergedLayer merged;

    /** Wraps a layer, or a wrapper of one. */
    protected AdaptedLayer(Module base) {
        super(base);
    }

    /** The trainable weights by what Hugging Face appends to the layer's path, for example {@code lora_A.weight}. */
    public Map<String, Weight> parameters() {
        return ownWeights();
    }

    /**
     * Puts the update into the values of the layer it is for.
     *
     * @throws IllegalStateException if the layer cannot hold it
     */
    protected abstract void mergeInto(MergedValues values);

    /** Whether the update changes what is under this layer by more than adding to it, so that merging must keep the order. */
    protected boolean stretches() {
        return false;
    }

    /** Frees this layer's own weights; it must not be used any more. */
    protected abstract void free();

    final void setEnabled(boolean on) {
        enabled = on;
    }

    final boolean isEnabled() {
        return enabled;
    }

    /** Whether the adapter is on, merged or not. */
    protected final boolean isOn() {
        return enabled;
    }

    final void setMerged(@Nullable MergedLayer layer) {
        merged = layer;
    }

    /** Whether the layer is to compute the update itself: it is on, and no merged layer in use has it in its weights. */
    protected final boolean adds() {
        return enabled && (merged == null || !merged.isInUse());
    }

    /**
     * Computes with inputs of which some are dropped in training.
     *
     * @param computing given what is left of the inputs, which it does not close
     */
    protected static Activation dropping(
            Forward context, Activation x, double dropout, UnaryOperator<Activation> computing) {
        Activation dropped = Functions.dropout(context, x, dropout);
        Activation y = computing.apply(dropped);
        if (dropped != x) {
            dropped.close();
        }
        return y;
    }

    /**
     * Computes what is under this layer, and where this layer adds to it an update with inputs of which some are dropped in training.
     *
     * @param updating given the former, which it does not close, and what is left of the inputs
     */
    protected final Activation updatingDropped(
            Forward context, Activation x, double dropout, BinaryOperator<Activation> updating) {
        Activation base = wrapped().forward(context, x);
        if (!adds()) {
            return base;
        }
        Activation y = dropping(context, x, dropout, input -> updating.apply(base, input));
        base.close();
        return y;
    }

    /**
     * Writes what is under this layer, and where this layer changes it what {@code changing} makes of that; returns its name.
     *
     * @param changing given the name of the former, writes the change and returns the outcome's name
     */
    protected final String writing(TokenScript script, String x, UnaryOperator<String> changing) {
        String base = script.write(wrapped(), x);
        return adds() ? changing.apply(base) : base;
    }

    /** The format in which the linear layer under all wrappers computes. */
    protected final Precision precisionOfLinear() {
        return ((Linear) innermost(this)).weight().computePrecision();
    }

    /** The layer under all wrappers that is in use, as it is without merged adapters. */
    public static Module layer(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper wrapper) {
            inner = inner instanceof MergedLayer ? BaseModules.under(wrapper) : wrapper.wrapped();
        }
        return inner;
    }

    /** The base model's own layer under all wrappers. */
    public static Module bottom(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper wrapper) {
            inner = BaseModules.under(wrapper);
        }
        return inner;
    }
}
