package io.github.peft4j.models;

import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.List;
import java.util.Map;

/**
 * What stands on a {@link Backbone} and makes a model of it that does something: from hidden states to outputs. It has no name of its own
 * in Hugging Face's files: its children stand beside the backbone.
 *
 * <p>{@link #forward} takes the hidden states [M, D] that the head reads and gives outputs [M, C].
 */
public abstract class Head extends Module {

    /** Allows subclasses only. */
    protected Head() {}

    /** The task's name, for example {@code causal-lm}. */
    public abstract String task();

    /** Path of the output layer: the last linear layer. */
    public abstract String outputLayer();

    /** The output layer's weight, [C, D]. */
    public abstract Weight outputWeight();

    /** Whether the output layer has a row for each token of the vocabulary. */
    public abstract boolean predictsTokens();

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
}
