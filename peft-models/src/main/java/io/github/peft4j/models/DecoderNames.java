package io.github.peft4j.models;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Hugging Face calls the parts of a decoder: segments of module paths.
 *
 * @param backbone everything but the head
 * @param embedding token embedding
 * @param positions table of learned positions, or null
 * @param embeddingNorm norm of the embeddings, or null
 * @param blocks list of blocks
 * @param firstNorm norm before attention
 * @param attention attention module
 * @param projections its input projections
 * @param attentionOutput its output projection
 * @param secondNorm norm before the feed-forward part
 * @param feedForward feed-forward module
 * @param feedForwardOutput its last layer
 * @param finalNorm norm after the last block
 */
public record DecoderNames(
        String backbone,
        String embedding,
        @Nullable String positions,
        @Nullable String embeddingNorm,
        String blocks,
        String firstNorm,
        String attention,
        List<String> projections,
        String attentionOutput,
        String secondNorm,
        String feedForward,
        String feedForwardOutput,
        String finalNorm) {

    /** Llama's names, shared by many later architectures. */
    public static final DecoderNames LLAMA = new DecoderNames(
            "model",
            "embed_tokens",
            null,
            null,
            "layers",
            "input_layernorm",
            "self_attn",
            List.of("q_proj", "k_proj", "v_proj"),
            "o_proj",
            "post_attention_layernorm",
            "mlp",
            "down_proj",
            "norm");

    /** Name of the output layer. */
    public static final String HEAD = "lm_head";

    String blockPath(int layer) {
        return backbone + "." + blocks + "." + layer;
    }

    Anatomy.Block block(int layer, List<Anatomy.LinearLayer> linears) {
        String path = blockPath(layer);
        String attentionPath = path + "." + attention;
        return new Anatomy.Block(
                path,
                attentionPath,
                projections.stream().map(p -> attentionPath + "." + p).toList(),
                projections.size() == 1,
                attentionPath + "." + attentionOutput,
                path + "." + feedForward,
                path + "." + feedForward + "." + feedForwardOutput,
                List.of(path + "." + firstNorm, path + "." + secondNorm),
                linears);
    }
}
