package io.github.peft4j.models.llama;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.RotaryConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of a Llama, and of architectures of the same layout.
 *
 * @param biases which linear layers have biases
 * @param windows for each layer the keys that a query sees, itself included; 0 for all
 * @param tied whether the head shares the embedding's weight
 * @param paddingToken the token whose embedding is not trained, or null
 */
public record LlamaConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int feedForwardSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        int maxPositions,
        double normEpsilon,
        ActivationFunction activation,
        RotaryConfig rotary,
        Biases biases,
        List<Integer> windows,
        boolean tied,
        @Nullable Integer paddingToken,
        @Nullable String dtype)
        implements ModelConfig {

    private static final double DEFAULT_EPSILON = 1e-6;

    /**
     * Which linear layers have biases.
     *
     * @param queryKeyValue whether the three input projections of attention have them
     * @param output whether attention's output projection has one
     * @param feedForward whether the feed-forward layers have them
     * @param configurable whether the config decides, by {@code attention_bias} and {@code mlp_bias}, and not the architecture
     */
    public record Biases(boolean queryKeyValue, boolean output, boolean feedForward, boolean configurable) {}

    /**
     * What architectures of this layout do differently.
     *
     * @param keyValueHeads used where the config does not name them, or 0 for as many as heads
     * @param maxPositions used where the config does not name them
     */
    public record Variant(int keyValueHeads, int maxPositions, Biases biases, List<Integer> windows) {}

    /** Checks that heads divide as attention needs. */
    public LlamaConfig {
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + keyValueHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("rotary positions need an even head_dim, got " + headSize);
        }
        windows = List.copyOf(windows);
    }

    /** One window for all layers. */
    public static List<Integer> windows(ConfigJson json, int size) {
        return Collections.nCopies(json.integer("num_hidden_layers"), size);
    }

    /** Reads the keys that all architectures of this layout have. */
    public static LlamaConfig of(ConfigJson json, String modelType, Variant variant) {
        int hidden = json.integer("hidden_size");
        int heads = json.integer("num_attention_heads");
        if (!json.has("head_dim") && hidden % heads != 0) {
            throw new IllegalArgumentException(json.source() + ": hidden_size " + hidden
                    + " is not a multiple of num_attention_heads " + heads + ", and there is no head_dim");
        }
        boolean ungrouped = json.isNull("num_key_value_heads") || variant.keyValueHeads() == 0;
        return new LlamaConfig(
                modelType,
                json.integer("vocab_size"),
                hidden,
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                heads,
                json.integerOr(ungrouped ? heads : variant.keyValueHeads(), "num_key_value_heads"),
                json.integerOr(hidden / heads, "head_dim"),
                json.integerOr(variant.maxPositions(), "max_position_embeddings"),
                json.positiveOr(DEFAULT_EPSILON, "rms_norm_eps"),
                ActivationFunction.of(json.textOr("silu", "hidden_act")),
                RotaryConfig.of(json),
                variant.biases(),
                variant.windows(),
                json.flagOr(false, "tie_word_embeddings"),
                json.numberOrNull("pad_token_id"),
                json.textOrNull("dtype", "torch_dtype"));
    }
}
