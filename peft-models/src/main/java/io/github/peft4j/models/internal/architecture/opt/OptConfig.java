package io.github.peft4j.models.internal.architecture.opt;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.kernel.ActivationFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of an OPT.
 *
 * @param maxPositions tokens that the position table has rows for
 * @param normsBefore whether norms stand before the parts, otherwise behind the sums
 * @param finalNorm whether there is a norm after the last block
 * @param bias whether the blocks' linear layers have biases
 * @param normWeights whether norms have weights
 * @param paddingToken the token whose embedding is not trained, or null
 * @param tied whether the head shares the embedding's weight
 */
public record OptConfig(
        int vocabSize,
        int hiddenSize,
        int embeddingSize,
        int feedForwardSize,
        int layers,
        int heads,
        int maxPositions,
        ActivationFunction activation,
        boolean normsBefore,
        boolean finalNorm,
        boolean bias,
        boolean normWeights,
        @Nullable Integer paddingToken,
        boolean tied)
        implements ModelConfig {

    /** Checks that heads divide the width. */
    public OptConfig {
        Divisible.require("hidden_size", hiddenSize, "num_attention_heads", heads);
    }

    static OptConfig of(ConfigJson json) {
        int width = json.integer("hidden_size");
        boolean normsBefore = json.flagOr(true, "do_layer_norm_before");
        Integer padding = json.numberOrNull("pad_token_id");
        return new OptConfig(
                json.integer("vocab_size"),
                width,
                json.integerOr(width, "word_embed_proj_dim"),
                json.integer("ffn_dim"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                json.integerOr(2048, "max_position_embeddings"),
                ActivationFunction.of(json.textOr("relu", "activation_function")),
                normsBefore,
                normsBefore && !json.flagOr(false, "_remove_final_layer_norm"),
                json.flagOr(true, "enable_bias"),
                json.flagOr(true, "layer_norm_elementwise_affine"),
                padding == null && !json.isNull("pad_token_id") ? (Integer) 1 : padding,
                json.flagOr(true, "tie_word_embeddings"));
    }

    @Override
    public String modelType() {
        return "opt";
    }
}
