package io.github.peft4j.models;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model declares about itself, as data: where its parts are and how its caches are laid out. Whoever changes a model goes by
 * this, not by its architecture.
 *
 * @param modelType Hugging Face's {@code model_type}
 * @param className Hugging Face's class, for example {@code LlamaForCausalLM}
 * @param blocks the transformer blocks from bottom to top
 * @param inputEmbedding path of the token embedding
 * @param head path of the output layer, or null if there is none
 * @param headIsTied whether the output layer shares the input embedding's weight
 * @param finalNorm path of the norm after the last block
 * @param cache sizes of keys and values
 * @param positions how positions enter
 * @param maxPositions positions the model was made for, or 0 for no limit
 * @param targets Hugging Face's customary module names by purpose, in its spelling of the purpose
 */
public record Anatomy(
        String modelType,
        String className,
        List<Block> blocks,
        String inputEmbedding,
        @Nullable String head,
        boolean headIsTied,
        String finalNorm,
        CacheGeometry cache,
        PositionScheme positions,
        int maxPositions,
        Map<String, List<String>> targets) {

    /**
     * One transformer block.
     *
     * @param path the block
     * @param attention its attention module
     * @param projections the attention's input projections: query, key, value, or one fused
     * @param fused whether there is one fused projection
     * @param attentionOutput the attention's output projection
     * @param feedForward the feed-forward module
     * @param feedForwardOutput its last linear layer
     * @param norms its norms
     */
    public record Block(
            String path,
            String attention,
            List<String> projections,
            boolean fused,
            String attentionOutput,
            String feedForward,
            String feedForwardOutput,
            List<String> norms) {}

    /**
     * Sizes of cached keys and values.
     *
     * @param layers L
     * @param keyValueHeads K
     * @param headSize Dh
     */
    public record CacheGeometry(int layers, int keyValueHeads, int headSize) {}

    /** How positions enter a model. */
    public enum PositionScheme {
        /** Queries and keys are rotated. */
        ROTARY,
        /** Attention scores get a bias that grows with distance. */
        ALIBI,
        /** A trained table is added to the embeddings. */
        LEARNED
    }
}
