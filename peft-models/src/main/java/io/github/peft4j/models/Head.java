package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;

/**
 * What stands on a {@link Backbone} and makes a model of it that does something: from hidden states to outputs. It has no name of its own
 * in Hugging Face's files: its children stand beside the backbone.
 *
 * <p>{@link #forward} takes the hidden states [M, De] that the head reads and gives outputs [M, C].
 */
public abstract class Head extends Module {

    private final String name;
    private final Linear layer;
    private final Slot slot;

    /**
     * A head with an output layer.
     *
     * @param name of the output layer, which stands beside the backbone
     * @param layer the last linear layer, [C, De]
     */
    protected Head(String name, Linear layer) {
        this.name = name;
        this.layer = layer;
        this.slot = child(name, layer);
    }

    /** The task's name, for example {@code causal-lm}. */
    public abstract String task();

    /** Path of the output layer. */
    public final String outputLayer() {
        return name;
    }

    /** The weight, [C, De], that the output layer was built with. */
    public final Weight outputWeight() {
        return layer.weight();
    }

    /** The output layer that is in use, with what stands around it. */
    protected final Module output() {
        return slot.module();
    }

    /** Whether the output layer has a row for each token of the vocabulary. */
    public boolean predictsTokens() {
        return false;
    }

    /** Whether outputs are of every token; otherwise they are of the {@link #positions} of rows. */
    public abstract boolean readsEveryToken();

    /**
     * Which hidden states outputs are of, unless of all.
     *
     * @return numbers among all tokens of the input, virtual ones included, one a row
     */
    public long[] positions(ModelInput input) {
        throw new UnsupportedOperationException("a " + getClass().getSimpleName() + " reads every token");
    }

    /** What a model with this head learns unless told otherwise. */
    public abstract Objective objective();

    /**
     * What the config of a model with this head must say, if it was loaded from a checkpoint with another.
     *
     * @param changes values by key that count instead of those in the checkpoint's config
     */
    public Map<String, Object> config(Map<String, Object> changes) {
        return changes;
    }

    /** Paths of the layers that the checkpoint had no weights for, so that they were drawn at random; training is what they need. */
    public List<String> newLayers() {
        return List.of();
    }

    /**
     * Its outputs for an input, at the positions that it reads.
     *
     * @param input after all changes
     * @return [M, C]
     */
    final Activation outputs(Forward context, Backbone backbone, ModelInput input) {
        if (readsEveryToken()) {
            try (Activation hidden = backbone.hidden(context, input, null)) {
                return forward(context.withChoices(input.rows().lengthened(input.virtualTokenCount())), hidden);
            }
        }
        try (NDArray tokens = context.scope().longs(positions(input));
                Activation hidden = backbone.hidden(context, input, tokens)) {
            return forward(context.withChoices(input.rows().ends()), hidden);
        }
    }
}
