package io.github.peft4j.examples.architecture;

import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** A Llama whose branches are scaled channel by channel before they are added: an architecture that is none of the library's. */
public final class LayerScaleLlamaFamily extends LlamaLike {

    /** For the registry of architectures. */
    public LayerScaleLlamaFamily() {
        super("layer_scale_llama", "LayerScaleLlama");
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config).order(parts -> scaled(parts, config.hiddenSize()));
    }

    private static DecoderBlock scaled(LlamaLayout.BlockParts parts, long width) {
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(
                        parts.norm("input_layernorm"),
                        parts.attention(),
                        parts.other("attention_scale", weights -> LayerScale.load(weights, width))),
                List.of(
                        parts.norm("post_attention_layernorm"),
                        parts.feedForward(),
                        parts.other("mlp_scale", weights -> LayerScale.load(weights, width))));
    }
}
