package io.github.peft4j.models.llama.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a config of Llama's layout is read: the keys that all architectures of it have, with the defaults of one of them. Begins with Llama's;
 * an architecture that has others says so.
 */
public final class LlamaVariant {

    private final ConfigJson json;
    private int keyValueHeads;
    private int headSize;
    private int maxPositions = 2048;
    private double epsilon = 1e-6;
    private boolean tied;
    private @Nullable Integer paddingToken;
    private @Nullable ActivationFunction activation;
    private LlamaConfig.Biases biases = LlamaConfig.Biases.NONE;
    private @Nullable List<Integer> windows;
    private @Nullable List<RotaryConfig> rotary;
    private double scoreScale;
    private LlamaConfig.Caps caps = LlamaConfig.Caps.NONE;

    /** Reads this config as Llama's. */
    public LlamaVariant(ConfigJson json) {
        this.json = json;
    }

    /** Heads of keys and values where the config does not name them, other than as many as heads. */
    public LlamaVariant keyValueHeads(int number) {
        keyValueHeads = number;
        return this;
    }

    /** The size of a head where the config does not name it, other than the width over the heads. */
    public LlamaVariant headSize(int size) {
        headSize = size;
        return this;
    }

    /** The positions where the config does not name them. */
    public LlamaVariant maxPositions(int number) {
        maxPositions = number;
        return this;
    }

    /** The norms' epsilon where the config does not name it. */
    public LlamaVariant epsilon(double value) {
        epsilon = value;
        return this;
    }

    /** A head that shares the embedding's weight where the config does not say whether it does. */
    public LlamaVariant tied() {
        tied = true;
        return this;
    }

    /** The padding token where the config does not name it. */
    public LlamaVariant paddingToken(int token) {
        paddingToken = token;
        return this;
    }

    /** The activation function, where it does not stand under {@code hidden_act} or has another default than silu. */
    public LlamaVariant activation(ActivationFunction function) {
        activation = function;
        return this;
    }

    /** Which layers have biases. */
    public LlamaVariant biases(LlamaConfig.Biases which) {
        biases = which;
        return this;
    }

    /** One window for all layers, 0 for none. */
    public LlamaVariant window(int size) {
        return windows(Collections.nCopies(layers(), size));
    }

    /** The window of each layer, 0 for none. */
    public LlamaVariant windows(List<Integer> sizes) {
        windows = sizes;
        return this;
    }

    /** The rotation of each layer, other than {@link RotaryConfig#of(ConfigJson)} in all of them. */
    public LlamaVariant rotary(List<RotaryConfig> ofLayers) {
        rotary = ofLayers;
        return this;
    }

    /** What scores are multiplied by, other than one over the root of the heads' size. */
    public LlamaVariant scoreScale(double factor) {
        scoreScale = factor;
        return this;
    }

    /** Soft bounds. */
    public LlamaVariant caps(LlamaConfig.Caps bounds) {
        caps = bounds;
        return this;
    }

    private int layers() {
        return json.integer("num_hidden_layers");
    }

    /**
     * Reads the config.
     *
     * @throws IllegalArgumentException if it lacks a key or holds a bad value
     */
    public LlamaConfig read(String modelType) {
        int hidden = json.integer("hidden_size");
        int heads = json.integer("num_attention_heads");
        if (headSize == 0 && !json.has("head_dim") && hidden % heads != 0) {
            throw new IllegalArgumentException(json.source() + ": hidden_size " + hidden
                    + " is not a multiple of num_attention_heads " + heads + ", and there is no head_dim");
        }
        int size = json.integerOr(headSize == 0 ? hidden / heads : headSize, "head_dim");
        boolean ungrouped = json.isNull("num_key_value_heads") || keyValueHeads == 0;
        return new LlamaConfig(
                modelType,
                json.integer("vocab_size"),
                hidden,
                json.integer("intermediate_size"),
                layers(),
                heads,
                json.integerOr(ungrouped ? heads : keyValueHeads, "num_key_value_heads"),
                size,
                json.integerOr(maxPositions, "max_position_embeddings"),
                json.positiveOr(epsilon, "rms_norm_eps"),
                activation == null ? ActivationFunction.of(json.textOr("silu", "hidden_act")) : activation,
                rotary == null ? Collections.nCopies(layers(), RotaryConfig.of(json)) : rotary,
                biases,
                windows == null ? Collections.nCopies(layers(), 0) : windows,
                scoreScale == 0 ? 1 / Math.sqrt(size) : scoreScale,
                caps,
                json.flagOr(tied, "tie_word_embeddings"),
                json.isNull("pad_token_id") || (!json.has("pad_token_id") && paddingToken == null)
                        ? null
                        : padding(json.numberOrNull("pad_token_id")));
    }

    private @Nullable Integer padding(@Nullable Integer named) {
        return named == null ? paddingToken : named;
    }
}
