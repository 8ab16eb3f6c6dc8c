package io.github.peft4j.models.internal.architecture.gptneox;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.kernel.ActivationFunction;

/**
 * Sizes and options of a GPT-NeoX.
 *
 * @param sideBySide whether attention and the feed-forward part both have the block's input
 * @param attentionBias whether attention's layers have biases
 * @param tied whether the head shares the embedding's weight
 */
public record GptNeoXConfig(
        int vocabSize,
        int hiddenSize,
        int feedForwardSize,
        int layers,
        int heads,
        int maxPositions,
        double normEpsilon,
        ActivationFunction activation,
        RotaryConfig rotary,
        boolean sideBySide,
        boolean attentionBias,
        boolean tied)
        implements ModelConfig {

    private static final RotaryConfig.Spelling ROTARY =
            new RotaryConfig.Spelling(10_000, "rotary_emb_base", "rotary_pct", 0.25, 0, RotaryConfig.Spelling.TYPES);

    /** Checks that heads divide the width. */
    public GptNeoXConfig {
        Divisible.require("hidden_size", hiddenSize, "num_attention_heads", heads);
        rotary.requireFits(hiddenSize / heads);
    }

    static GptNeoXConfig of(ConfigJson json) {
        return new GptNeoXConfig(
                json.integer("vocab_size"),
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                json.integerOr(2048, "max_position_embeddings"),
                json.positiveOr(1e-5, "layer_norm_eps"),
                ActivationFunction.of(json.textOr("gelu", "hidden_act")),
                RotaryConfig.of(json, ROTARY),
                json.flagOr(true, "use_parallel_residual"),
                json.flagOr(true, "attention_bias"),
                json.flagOr(false, "tie_word_embeddings"));
    }

    @Override
    public String modelType() {
        return "gpt_neox";
    }
}
