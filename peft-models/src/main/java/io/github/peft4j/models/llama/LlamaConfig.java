package io.github.peft4j.models.llama;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of a Llama, and of architectures of the same layout. Read by a {@link LlamaVariant}.
 *
 * @param rotary for each layer how queries and keys are rotated
 * @param biases which linear layers have biases
 * @param windows for each layer the keys that a query sees, itself included; 0 for all
 * @param scoreScale multiplies the products of queries and keys
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
        List<RotaryConfig> rotary,
        Biases biases,
        List<Integer> windows,
        double scoreScale,
        Caps caps,
        boolean tied,
        @Nullable Integer paddingToken)
        implements ModelConfig {

    /**
     * Which linear layers have biases.
     *
     * @param queryKeyValue whether the input projections of attention have them
     * @param output whether attention's output projection has one
     * @param feedForward whether the feed-forward layers have them
     * @param attentionKey the key of the config that decides about attention, or null if the architecture does
     * @param feedForwardKey likewise of the feed-forward part
     */
    public record Biases(
            boolean queryKeyValue,
            boolean output,
            boolean feedForward,
            @Nullable String attentionKey,
            @Nullable String feedForwardKey) {

        /** No biases, whatever a config says. */
        public static final Biases NONE = new Biases(false, false, false, null, null);

        /** Biases of attention's four layers as {@code attention_bias} says, and none elsewhere. */
        public static Biases ofAttention(ConfigJson json) {
            boolean attention = json.flagOr(false, "attention_bias");
            return new Biases(attention, attention, false, "attention_bias", null);
        }

        /** Biases as {@code attention_bias} and {@code mlp_bias} say. */
        public static Biases of(ConfigJson json) {
            boolean attention = json.flagOr(false, "attention_bias");
            return new Biases(attention, attention, json.flagOr(false, "mlp_bias"), "attention_bias", "mlp_bias");
        }
    }

    /**
     * Soft bounds, 0 for none.
     *
     * @param scores of attention's scores
     * @param logits of the head's outcome
     */
    public record Caps(double scores, double logits) {

        /** No bounds. */
        public static final Caps NONE = new Caps(0, 0);
    }

    /** Checks that heads divide as attention needs. */
    public LlamaConfig {
        Divisible.require("num_attention_heads", heads, "num_key_value_heads", keyValueHeads);
        rotary = List.copyOf(rotary);
        rotary.forEach(each -> each.requireFits(headSize));
        windows = List.copyOf(windows);
    }
}
