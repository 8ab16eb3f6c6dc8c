package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;

/**
 * Sizes and options of a Bloom.
 *
 * @param residualAfterNorm {@code apply_residual_connection_post_layernorm}
 * @param tied whether the head shares the embedding's weight
 */
public record BloomConfig(
        int vocabSize,
        int hiddenSize,
        int layers,
        int heads,
        double normEpsilon,
        boolean residualAfterNorm,
        boolean tied)
        implements ModelConfig {

    /** Checks that heads divide the width. */
    public BloomConfig {
        Divisible.require("hidden_size", hiddenSize, "n_head", heads);
    }

    /**
     * Where a setting has two names transformers sets Bloom's own first and the general one over it ({@code attribute_map}); the width is
     * the exception.
     */
    static BloomConfig of(ConfigJson json) {
        return new BloomConfig(
                json.integer("vocab_size"),
                json.integer("n_embed", "hidden_size"),
                json.integer("num_hidden_layers", "n_layer"),
                json.integer("num_attention_heads", "n_head"),
                json.positiveOr(1e-5, "layer_norm_epsilon"),
                json.flagOr(false, "apply_residual_connection_post_layernorm"),
                json.flagOr(true, "tie_word_embeddings"));
    }

    @Override
    public String modelType() {
        return "bloom";
    }

    /** Distances have no end. */
    @Override
    public int maxPositions() {
        return 0;
    }

    @Override
    public int feedForwardSize() {
        return 4 * hiddenSize;
    }
}
