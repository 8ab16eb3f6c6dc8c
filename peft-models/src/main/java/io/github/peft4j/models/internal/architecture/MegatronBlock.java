package io.github.peft4j.models.internal.architecture;

import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/**
 * The blocks of architectures that were trained with Megatron, and have its names: a norm before each part, queries, keys and values by one
 * layer head by head, and a feed-forward part of two layers.
 *
 * @param attention the attention's name
 * @param attentionBias whether its layers have biases
 */
public record MegatronBlock(
        ModelConfig config,
        double normEpsilon,
        DecoderBlock.Residual residual,
        String attention,
        Positions positions,
        boolean attentionBias,
        ActivationFunction activation) {

    /** Reads the block of a layer. */
    public DecoderBlock load(Weights weights, int layer) {
        return DecoderBlock.of(
                residual,
                List.of(
                        norm("input_layernorm", weights),
                        Part.attention(attention, attention(weights.at(attention), layer))),
                List.of(norm("post_attention_layernorm", weights), feedForward(weights.at("mlp"))));
    }

    private Part norm(String name, Weights weights) {
        return Part.norm(name, LayerNorm.load(weights.at(name), config.hiddenSize(), normEpsilon));
    }

    private Attention attention(Weights weights, int layer) {
        long width = config.hiddenSize();
        return DecoderFamily.attention(config, weights, layer, positions, Scores.of(config.headSize()))
                .fused(
                        "query_key_value",
                        Linear.load(weights.at("query_key_value"), width, 3 * width, attentionBias),
                        QkvProjection.Layout.INTERLEAVED)
                .output("dense", Linear.load(weights.at("dense"), width, width, attentionBias));
    }

    private Part feedForward(Weights weights) {
        return Part.feedForward(
                "mlp", DecoderFamily.feedForward(config, weights, "dense_h_to_4h", "dense_4h_to_h", true, activation));
    }
}
