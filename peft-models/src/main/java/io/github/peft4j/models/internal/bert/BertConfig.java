package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.kernel.ActivationFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of an encoder of BERT's layout.
 *
 * @param embeddingSize width of all embeddings, which a layer leads to the hidden states' if that is another
 * @param firstPosition the row of the position table that a row's first token has. Rows before it are of no position, and the last of them
 *     is that of padding, which is not counted: RoBERTa's
 * @param maxPositions entries of the position table from there on
 * @param tokenTypes entries of the table of token types; 0 if there is none
 * @param paddingToken the token whose embedding is not trained, or null
 * @param tied whether a language model's head shares the embedding's weight
 */
public record BertConfig(
        String modelType,
        int vocabSize,
        int embeddingSize,
        int hiddenSize,
        int feedForwardSize,
        int layers,
        int heads,
        int firstPosition,
        int maxPositions,
        int tokenTypes,
        double normEpsilon,
        ActivationFunction activation,
        @Nullable Integer paddingToken,
        boolean tied)
        implements ModelConfig {

    /** transformers' length of the position table. */
    public static final int DEFAULT_POSITIONS = 512;

    /** transformers' epsilon of norms. */
    public static final double DEFAULT_EPSILON = 1e-12;

    private static final int DEFAULT_TYPES = 2;

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
        return of(json, modelType, json.integer("hidden_size"), padding, false);
    }

    /**
     * Reads a config with embeddings of a width of their own.
     *
     * @throws IllegalArgumentException as {@link #of(ConfigJson, String, int)}
     */
    public static BertConfig ofEmbeddings(ConfigJson json, String modelType, int embeddingSize, int padding) {
        return of(json, modelType, embeddingSize, padding, false);
    }

    /**
     * Reads a config whose positions begin behind padding's.
     *
     * @throws IllegalArgumentException as {@link #of(ConfigJson, String, int)}, or if there is no padding to begin behind
     */
    public static BertConfig behindPadding(ConfigJson json, String modelType, int padding) {
        return of(json, modelType, json.integer("hidden_size"), padding, true);
    }

    private static BertConfig of(
            ConfigJson json, String modelType, int embeddingSize, int padding, boolean behindPadding) {
        json.refuse("is_decoder");
        json.refuse("add_cross_attention");
        String positions = json.textOr("absolute", "position_embedding_type");
        if (!positions.equals("absolute")) {
            throw new IllegalArgumentException(json.source() + ": position_embedding_type \"" + positions
                    + "\" is not implemented; expected absolute");
        }
        int table = json.integerOr(DEFAULT_POSITIONS, "max_position_embeddings");
        Integer paddingToken = padding(json, padding);
        int first = behindPadding ? firstPosition(json, paddingToken, table) : 0;
        return new BertConfig(
                modelType,
                json.integer("vocab_size"),
                embeddingSize,
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                first,
                table - first,
                json.integerOr(DEFAULT_TYPES, "type_vocab_size"),
                json.positiveOr(DEFAULT_EPSILON, "layer_norm_eps"),
                ActivationFunction.of(json.textOr("gelu", "hidden_act")),
                paddingToken,
                json.flagOr(true, "tie_word_embeddings"));
    }

    /** {@code pad_token_id}, which may be null, or what it is where it is not told. */
    public static @Nullable Integer padding(ConfigJson json, int otherwise) {
        return json.has("pad_token_id") || json.isNull("pad_token_id")
                ? json.numberOrNull("pad_token_id")
                : (Integer) otherwise;
    }

    private static int firstPosition(ConfigJson json, @Nullable Integer padding, int table) {
        if (padding == null || padding < 0 || padding > table - 2) {
            throw new IllegalArgumentException(
                    json.source() + ": positions begin behind pad_token_id, which must be from 0 to " + (table - 2)
                            + " with max_position_embeddings " + table + ", got " + padding);
        }
        return padding + 1;
    }

    @Override
    public int outputSize() {
        return hiddenSize;
    }
}
