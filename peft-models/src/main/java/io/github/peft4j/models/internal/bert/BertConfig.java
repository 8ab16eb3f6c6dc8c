package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.kernel.ActivationFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of an encoder of BERT's layout.
 *
 * @param maxPositions entries of the position table
 * @param tokenTypes entries of the table of token types
 * @param paddingToken the token whose embedding is not trained, or null
 * @param tied whether a language model's head shares the embedding's weight
 */
public record BertConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int feedForwardSize,
        int layers,
        int heads,
        int maxPositions,
        int tokenTypes,
        double normEpsilon,
        ActivationFunction activation,
        @Nullable Integer paddingToken,
        boolean tied)
        implements ModelConfig {

    private static final int DEFAULT_POSITIONS = 512;
    private static final int DEFAULT_TYPES = 2;
    private static final double DEFAULT_EPSILON = 1e-12;

    /** Checks that heads divide the width. */
    public BertConfig {
        Divisible.require("hidden_size", hiddenSize, "num_attention_heads", heads);
    }

    /**
     * Reads a config.
     *
     * @param padding {@code pad_token_id} where it is not told
     * @throws IllegalArgumentException if a key is missing or bad, or it describes a decoder
     */
    public static BertConfig of(ConfigJson json, String modelType, int padding) {
        json.refuse("is_decoder");
        json.refuse("add_cross_attention");
        String positions = json.textOr("absolute", "position_embedding_type");
        if (!positions.equals("absolute")) {
            throw new IllegalArgumentException(json.source() + ": position_embedding_type \"" + positions
                    + "\" is not implemented; expected absolute");
        }
        return new BertConfig(
                modelType,
                json.integer("vocab_size"),
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                json.integerOr(DEFAULT_POSITIONS, "max_position_embeddings"),
                json.integerOr(DEFAULT_TYPES, "type_vocab_size"),
                json.positiveOr(DEFAULT_EPSILON, "layer_norm_eps"),
                ActivationFunction.of(json.textOr("gelu", "hidden_act")),
                json.has("pad_token_id") || json.isNull("pad_token_id")
                        ? json.numberOrNull("pad_token_id")
                        : (Integer) padding,
                json.flagOr(true, "tie_word_embeddings"));
    }
}
