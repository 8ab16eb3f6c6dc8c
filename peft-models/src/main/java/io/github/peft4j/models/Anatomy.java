package io.github.peft4j.models;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a model declares about itself, as data: where its parts are and how its caches are laid out. Whoever changes a model goes by
 * this, not by its architecture. Paths are module paths from the model down.
 *
 * @param modelType Hugging Face's {@code model_type}
 * @param className Hugging Face's class, for example {@code LlamaForCausalLM}
 * @param blocks the transformer blocks from bottom to top
 * @param inputEmbedding the token embedding
 * @param embeddingScale what token embeddings, but not virtual tokens, are multiplied by; 1 in most
 * @param positionEmbedding the table of learned positions, or null
 * @param tokenTypeEmbedding the table of types of tokens, or null
 * @param embeddingProjection from the width of token embeddings to that of hidden states, or null where they have one width
 * @param embeddingNorm the norm of the embeddings, or null
 * @param finalNorm the norm after the last block, or null
 * @param outputProjection from the width of hidden states to that of what heads read, or null where they have one width
 * @param head the output layer, or null if there is none
 * @param headIsTied whether the output layer shares the input embedding's weight
 * @param headLinears linear layers of the head before its output layer
 * @param headNorms norms of the head
 * @param cache sizes of keys and values that can stand before a row, or null where the architecture takes none
 * @param positions how positions enter
 * @param maxPositions positions the model was made for, or 0 if it names none
 * @param alikeUpTo the length up to which what a row begins with is computed the same whatever follows
 */
public record Anatomy(
        String modelType,
        String className,
        List<Block> blocks,
        String inputEmbedding,
        double embeddingScale,
        @Nullable String positionEmbedding,
        @Nullable String tokenTypeEmbedding,
        @Nullable LinearLayer embeddingProjection,
        @Nullable String embeddingNorm,
        @Nullable String finalNorm,
        @Nullable LinearLayer outputProjection,
        @Nullable String head,
        boolean headIsTied,
        List<LinearLayer> headLinears,
        List<String> headNorms,
        @Nullable CacheGeometry cache,
        PositionScheme positions,
        int maxPositions,
        int alikeUpTo) {

    /**
     * One transformer block.
     *
     * @param path the block
     * @param attention its attention module
     * @param projections the attention's input projections: query, key, value, or one fused
     * @param fused whether there is one fused projection
     * @param attentionOutput the attention's output projection
     * @param feedForwardInputs the linear layers that the feed-forward part's input goes to: one, or two where one is a gate
     * @param feedForwardOutput its last linear layer
     * @param norms its norms
     * @param linears all of its linear layers in the order in which the model computes
     */
    public record Block(
            String path,
            String attention,
            List<String> projections,
            boolean fused,
            String attentionOutput,
            List<String> feedForwardInputs,
            String feedForwardOutput,
            List<String> norms,
            List<LinearLayer> linears) {}

    /**
     * A linear layer.
     *
     * @param path the layer
     * @param bias whether it has a bias
     * @param biasKey the key of {@code config.json} that says whether it has one, or null where the architecture settles it: then a
     *     checkpoint can hold a bias only if {@code bias} is true. All layers of one key have biases, or none
     */
    public record LinearLayer(
            String path, boolean bias, @Nullable String biasKey) {}

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

    /** The same with layers that a head has before its output layer. */
    Anatomy withHead(List<LinearLayer> linears, List<String> norms) {
        return new Anatomy(
                modelType,
                className,
                blocks,
                inputEmbedding,
                embeddingScale,
                positionEmbedding,
                tokenTypeEmbedding,
                embeddingProjection,
                embeddingNorm,
                finalNorm,
                outputProjection,
                head,
                headIsTied,
                linears,
                norms,
                cache,
                positions,
                maxPositions,
                alikeUpTo);
    }

    /** Every linear layer but the output layer, from bottom to top. */
    public List<LinearLayer> linears() {
        List<LinearLayer> linears = new ArrayList<>();
        if (embeddingProjection != null) {
            linears.add(embeddingProjection);
        }
        blocks.forEach(block -> linears.addAll(block.linears()));
        if (outputProjection != null) {
            linears.add(outputProjection);
        }
        linears.addAll(headLinears);
        return linears;
    }

    /** Every norm from bottom to top. */
    public List<String> norms() {
        List<String> norms = new ArrayList<>();
        if (embeddingNorm != null) {
            norms.add(embeddingNorm);
        }
        blocks.forEach(block -> norms.addAll(block.norms()));
        if (finalNorm != null) {
            norms.add(finalNorm);
        }
        norms.addAll(headNorms);
        return norms;
    }

    /** Every embedding: of tokens and, if there are any, of positions and of types of tokens. */
    public List<String> embeddings() {
        return Stream.of(inputEmbedding, positionEmbedding, tokenTypeEmbedding)
                .filter(path -> path != null)
                .toList();
    }
}
