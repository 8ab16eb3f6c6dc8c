package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import org.jspecify.annotations.Nullable;

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
        boolean tied,
        @Nullable String dtype)
        implements ModelConfig {

    private static final double DEFAULT_EPSILON = 1e-5;

    /** Checks that heads divide the width. */
    public BloomConfig {
        if (hiddenSize % heads != 0) {
            throw new IllegalArgumentException("hidden_size " + hiddenSize + " is not a multiple of n_head " + heads);
        }
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
                json.positiveOr(DEFAULT_EPSILON, "layer_norm_epsilon"),
                json.flagOr(false, "apply_residual_connection_post_layernorm"),
                json.flagOr(true, "tie_word_embeddings"),
                json.textOrNull("dtype", "torch_dtype"));
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
