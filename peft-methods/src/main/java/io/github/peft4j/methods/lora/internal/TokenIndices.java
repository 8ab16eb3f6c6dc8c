package io.github.peft4j.methods.lora.internal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose vectors are trained one by one beside the updates: Hugging Face's {@code trainable_token_indices}, a list of tokens of the
 * embedding, or lists by layer.
 *
 * @param ofEmbedding the tokens of the model's token embedding, or null where layers are named
 * @param byLayer the tokens by ends of paths of layers; empty where none is named
 */
public record TokenIndices(@Nullable List<Integer> ofEmbedding, Map<String, List<Integer>> byLayer) {

    /** Copies the lists. */
    public TokenIndices {
        ofEmbedding = ofEmbedding == null ? null : List.copyOf(ofEmbedding);
        Map<String, List<Integer>> copy = new LinkedHashMap<>();
        byLayer.forEach((name, tokens) -> copy.put(name, List.copyOf(tokens)));
        byLayer = Collections.unmodifiableMap(copy);
    }

    /** Tokens of the embedding. */
    public static TokenIndices of(List<Integer> tokens) {
        return new TokenIndices(tokens, Map.of());
    }

    /** Tokens of layers, by ends of their paths. */
    public static TokenIndices of(Map<String, List<Integer>> byLayer) {
        return new TokenIndices(null, byLayer);
    }

    /** What a value of {@code adapter_config.json} means. */
    @SuppressWarnings("unchecked")
    public static @Nullable TokenIndices ofJson(@Nullable Object json) {
        if (json == null) {
            return null;
        }
        return json instanceof Map ? of((Map<String, List<Integer>>) json) : of((List<Integer>) json);
    }

    /** The value in {@code adapter_config.json}. */
    public static @Nullable Object json(@Nullable TokenIndices indices) {
        return indices == null ? null : indices.ofEmbedding == null ? indices.byLayer : indices.ofEmbedding;
    }

    /**
     * The tokens by the names of layers.
     *
     * @param embedding path of the model's token embedding
     */
    Map<String, List<Integer>> named(String embedding) {
        return ofEmbedding == null ? byLayer : Map.of(embedding, ofEmbedding);
    }

    /** Notes numbers that are no tokens, and those that stand twice. */
    public static void check(@Nullable TokenIndices indices, Consumer<String> problems) {
        Map<String, List<Integer>> named = indices == null ? Map.of() : indices.named("");
        named.forEach((name, tokens) -> {
            String of = name.isEmpty() ? "" : " of " + name;
            tokens.stream()
                    .filter(token -> token < 0)
                    .forEach(token -> problems.accept(
                            "trainable_token_indices" + of + " must hold numbers of tokens, from 0 on, got " + token));
            if (tokens.stream().distinct().count() < tokens.size()) {
                problems.accept("trainable_token_indices" + of + " must name each token once, got " + tokens);
            }
        });
    }
}
