package io.github.peft4j.models.llama;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.RotaryConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of a Llama, and of architectures of the same layout.
 *
 * @param queryKeyValueBias whether the three input projections of attention have biases
 * @param outputBias whether attention's output projection has one
 * @param mlpBias whether the feed-forward layers have biases
 * @param slidingWindow keys that a query sees, itself included; 0 for all
 * @param windowFromLayer the first layer to which the window applies
 * @param tied whether the head shares the embedding's weight
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
        double normEpsilon,
        ActivationFunction activation,
        RotaryConfig rotary,
        boolean queryKeyValueBias,
        boolean outputBias,
        boolean mlpBias,
        int slidingWindow,
        int windowFromLayer,
        boolean tied,
        @Nullable String dtype)
        implements ModelConfig {

    private static final double DEFAULT_EPSILON = 1e-6;

    /** Checks that heads divide as attention needs. */
    public LlamaConfig {
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException(
                    "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + keyValueHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("rotary positions need an even head_dim, got " + headSize);
        }
    }

    /** What architectures of this layout do differently. */
    public record Variant(boolean queryKeyValueBias, boolean outputBias, int slidingWindow, int windowFromLayer) {}

    /** Reads the keys that all architectures of this layout have. */
    public static LlamaConfig of(ConfigJson json, String modelType, Variant variant) {
        int hidden = json.integer("hidden_size");
        int heads = json.integer("num_attention_heads");
        if (!json.has("head_dim") && hidden % heads != 0) {
            throw new IllegalArgumentException(json.source() + ": hidden_size " + hidden
                    + " is not a multiple of num_attention_heads " + heads + ", and there is no head_dim");
        }
        return new LlamaConfig(
                modelType,
                json.integer("vocab_size"),
                hidden,
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                heads,
                json.integerOr(heads, "num_key_value_heads"),
                json.integerOr(hidden / heads, "head_dim"),
                json.numberOr(DEFAULT_EPSILON, "rms_norm_eps"),
                ActivationFunction.of(json.textOr("silu", "hidden_act")),
                RotaryConfig.of(json),
                variant.queryKeyValueBias(),
                variant.outputBias(),
                json.flagOr(false, "mlp_bias"),
                variant.slidingWindow(),
                variant.windowFromLayer(),
                json.flagOr(false, "tie_word_embeddings"),
                json.textOrNull("dtype", "torch_dtype"));
    }
}
