package io.github.peft4j.models.internal.architecture.gpt2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.kernel.ActivationFunction;

/**
 * Sizes and options of a GPT-2.
 *
 * @param maxPositions entries of the position table
 * @param scaled whether attention scores are divided by the square root of the head size
 * @param scaledByLayer whether they are also divided by the layer's number, counted from 1
 * @param tied whether the head shares the embedding's weight
 */
public record Gpt2Config(
        int vocabSize,
        int hiddenSize,
        int feedForwardSize,
        int layers,
        int heads,
        int maxPositions,
        double normEpsilon,
        ActivationFunction activation,
        boolean scaled,
        boolean scaledByLayer,
        boolean tied)
        implements ModelConfig {

    /** Checks that heads divide the width. */
    public Gpt2Config {
        Divisible.require("n_embd", hiddenSize, "n_head", heads);
    }

    /** Where a setting has two names transformers sets GPT-2's own first and the general one over it ({@code attribute_map}). */
    static Gpt2Config of(ConfigJson json) {
        json.refuse("add_cross_attention");
        int width = json.integer("hidden_size", "n_embd");
        return new Gpt2Config(
                json.integer("vocab_size"),
                width,
                json.integerOr(4 * width, "n_inner"),
                json.integer("num_hidden_layers", "n_layer"),
                json.integer("num_attention_heads", "n_head"),
                json.integerOr(1024, "max_position_embeddings", "n_positions"),
                json.positiveOr(1e-5, "layer_norm_epsilon"),
                ActivationFunction.of(json.textOr("gelu_new", "activation_function")),
                json.flagOr(true, "scale_attn_weights"),
                json.flagOr(false, "scale_attn_by_inverse_layer_idx"),
                json.flagOr(true, "tie_word_embeddings"));
    }

    @Override
    public String modelType() {
        return "gpt2";
    }

    /** What attention scores are multiplied by in a layer. */
    double scale(int layer) {
        return (scaled ? 1 / Math.sqrt(headSize()) : 1) / (scaledByLayer ? layer + 1 : 1);
    }
}
