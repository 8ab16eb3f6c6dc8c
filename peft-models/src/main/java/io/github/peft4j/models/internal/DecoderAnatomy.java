package io.github.peft4j.models.internal;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.internal.ModuleList;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder declares about its parts, as it was built: from the roles that children were given where they were made, and the names of
 * its own children.
 */
record DecoderAnatomy(
        String embedding,
        double embeddingScale,
        @Nullable String positions,
        @Nullable String tokenTypes,
        Anatomy.@Nullable LinearLayer embeddingProjection,
        @Nullable String embeddingNorm,
        @Nullable String finalNorm,
        Anatomy.@Nullable LinearLayer outputProjection,
        String list,
        ModuleList blocks,
        Function<String, @Nullable String> biasKeys,
        Anatomy.PositionScheme scheme,
        int alikeUpTo) {

    /** The blocks of a list at a path. */
    private static List<Anatomy.Block> blocks(
            String path, ModuleList list, Function<String, @Nullable String> biasKeys) {
        List<Anatomy.Block> blocks = new ArrayList<>();
        list.childModules().forEach((number, block) -> blocks.add(block(path + "." + number, block, biasKeys)));
        return List.copyOf(blocks);
    }

    private static Anatomy.Block block(String path, Module block, Function<String, @Nullable String> biasKeys) {
        List<String> fused = paths(path, block, Role.QUERY_KEY_VALUE);
        List<String> projections = new ArrayList<>(fused);
        projections.addAll(paths(path, block, Role.QUERY));
        projections.addAll(paths(path, block, Role.KEY));
        projections.addAll(paths(path, block, Role.VALUE));
        return new Anatomy.Block(
                path,
                only(path, block, Role.ATTENTION),
                projections,
                !fused.isEmpty(),
                only(path, block, Role.ATTENTION_OUTPUT),
                paths(path, block, Role.FEED_FORWARD_INPUT),
                only(path, block, Role.FEED_FORWARD_OUTPUT),
                paths(path, block, Role.NORM),
                linears(path, block, biasKeys));
    }

    private static List<Anatomy.LinearLayer> linears(
            String path, Module block, Function<String, @Nullable String> biasKeys) {
        return block.modulesByPath().entrySet().stream()
                .filter(entry -> entry.getValue() instanceof Linear)
                .map(entry -> new Anatomy.LinearLayer(
                        path + "." + entry.getKey(),
                        ((Linear) entry.getValue()).bias() != null,
                        biasKeys.apply(entry.getKey())))
                .toList();
    }

    private static List<String> paths(String path, Module block, Role role) {
        return block.pathsOf(role).stream().map(below -> path + "." + below).toList();
    }

    private static String only(String path, Module block, Role role) {
        List<String> found = paths(path, block, role);
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    "a decoder's block has one part with the role " + role + ", but " + path + " has " + found);
        }
        return found.get(0);
    }

    /** How positions enter: by a table, or as the attentions say. */
    static Anatomy.PositionScheme scheme(boolean table, Module blocks) {
        if (table) {
            return Anatomy.PositionScheme.LEARNED;
        }
        return positions(blocks).anyMatch(each -> each.slopes() != null)
                ? Anatomy.PositionScheme.ALIBI
                : Anatomy.PositionScheme.ROTARY;
    }

    /** What {@link Anatomy#alikeUpTo} says. */
    static int alikeUpTo(Module blocks) {
        return positions(blocks).mapToInt(Positions::alikeUpTo).min().orElse(Integer.MAX_VALUE);
    }

    private static Stream<Positions> positions(Module blocks) {
        return blocks.modulesByPath().values().stream()
                .filter(Attention.class::isInstance)
                .map(attention -> ((Attention) attention).geometry().positions());
    }

    /** The anatomy of a model of this decoder and a head. */
    Anatomy of(
            String place,
            ModelConfig config,
            String className,
            @Nullable String head,
            boolean headIsTied,
            Anatomy.@Nullable CacheGeometry cache) {
        return new Anatomy(
                config.modelType(),
                className,
                blocks(below(place, list), blocks, biasKeys),
                below(place, embedding),
                embeddingScale,
                path(place, positions),
                path(place, tokenTypes),
                layer(place, embeddingProjection),
                path(place, embeddingNorm),
                path(place, finalNorm),
                layer(place, outputProjection),
                head,
                headIsTied,
                List.of(),
                List.of(),
                cache,
                scheme,
                config.maxPositions(),
                alikeUpTo);
    }

    private static @Nullable String path(String place, @Nullable String child) {
        return child == null ? null : below(place, child);
    }

    private static Anatomy.@Nullable LinearLayer layer(String place, Anatomy.@Nullable LinearLayer child) {
        return child == null
                ? null
                : new Anatomy.LinearLayer(below(place, child.path()), child.bias(), child.biasKey());
    }

    private static String below(String place, String child) {
        return place.isEmpty() ? child : place + "." + child;
    }
}
