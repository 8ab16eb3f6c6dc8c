package io.github.peft4j.models.llama;

import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.GatedMlp;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds models whose parts have Llama's names, {@code model.layers.N.self_attn.q_proj} and so on. Begins with what Llama itself does; an
 * architecture that does something in another way says so by one of the methods here.
 */
public final class LlamaLayout {

    private static final String ATTENTION = "self_attn";
    private static final String FEED_FORWARD = "mlp";

    /** Reads a norm of a width. */
    @FunctionalInterface
    public interface Norm {
        /** Reads it. */
        Module load(Weights weights, long width, double epsilon);
    }

    /** Reads the input projections of an attention, and what else stands before its scores. */
    @FunctionalInterface
    public interface Projections {
        /** Adds them. */
        Attention.Parts load(LlamaConfig config, Weights weights, Attention.Parts begun);
    }

    /** Reads the feed-forward part of a block. */
    @FunctionalInterface
    public interface FeedForwardPart {
        /** Reads it. */
        Module load(LlamaConfig config, Weights weights);
    }

    /** The parts of one block, read when they are asked for. */
    public interface BlockParts {
        /** A norm by its name. */
        Part norm(String name);

        /** The attention. */
        Part attention();

        /** The feed-forward part. */
        Part feedForward();

        /** A part that is none of these, read from the block's tensors below its name. */
        Part other(String name, Function<Weights, Module> loader);
    }

    private final LlamaConfig config;
    private Norm norm = RmsNorm::load;
    private Projections projections = LlamaLayout::separate;
    private FeedForwardPart feedForward = (settings, weights) -> GatedMlp.load(
            weights,
            settings.hiddenSize(),
            settings.feedForwardSize(),
            settings.biases().feedForward(),
            settings.activation());
    private Function<BlockParts, DecoderBlock> order = LlamaLayout::normsBefore;
    private double embeddingScale = 1;

    /** Llama's own layout of these sizes. */
    public LlamaLayout(LlamaConfig config) {
        this.config = config;
    }

    /** Other norms than {@link RmsNorm#load}; those of the model's width, not what {@link #projections} reads. */
    public LlamaLayout norm(Norm other) {
        norm = other;
        return this;
    }

    /** Other input projections than {@link #separate}. */
    public LlamaLayout projections(Projections other) {
        projections = other;
        return this;
    }

    /** Another feed-forward part than the three layers of a {@link GatedMlp}. */
    public LlamaLayout feedForward(FeedForwardPart other) {
        feedForward = other;
        return this;
    }

    /** Another order of a block's parts than {@link #normsBefore}. */
    public LlamaLayout order(Function<BlockParts, DecoderBlock> other) {
        order = other;
        return this;
    }

    /** What token embeddings are multiplied by, other than 1. */
    public LlamaLayout embeddingScale(double factor) {
        embeddingScale = factor;
        return this;
    }

    /** A norm before attention and another one before the feed-forward part. */
    public static DecoderBlock normsBefore(BlockParts parts) {
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(parts.norm("input_layernorm"), parts.attention()),
                List.of(parts.norm("post_attention_layernorm"), parts.feedForward()));
    }

    /** Norms before and behind attention, and before and behind the feed-forward part. */
    public static DecoderBlock normsAround(BlockParts parts) {
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(parts.norm("input_layernorm"), parts.attention(), parts.norm("post_attention_layernorm")),
                List.of(
                        parts.norm("pre_feedforward_layernorm"),
                        parts.feedForward(),
                        parts.norm("post_feedforward_layernorm")));
    }

    /** A norm behind attention and another one behind the feed-forward part. */
    public static DecoderBlock normsBehind(BlockParts parts) {
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(parts.attention(), parts.norm("post_attention_layernorm")),
                List.of(parts.feedForward(), parts.norm("post_feedforward_layernorm")));
    }

    /** Three projections, with biases as the config has them. */
    public static Attention.Parts separate(LlamaConfig config, Weights weights, Attention.Parts begun) {
        long width = config.hiddenSize();
        long keys = (long) config.keyValueHeads() * config.headSize();
        boolean bias = config.biases().queryKeyValue();
        return begun.separate(
                Linear.load(weights.at("q_proj"), width, queries(config), bias),
                Linear.load(weights.at("k_proj"), width, keys, bias),
                Linear.load(weights.at("v_proj"), width, keys, bias));
    }

    /**
     * Three projections, with each head of queries and keys normalised before it is rotated.
     *
     * @param norm reads {@code q_norm} and {@code k_norm}
     */
    public static Projections normedHeads(Norm norm) {
        return (config, weights, begun) -> separate(config, weights, begun)
                .norms(
                        norm.load(weights.at("q_norm"), config.headSize(), config.normEpsilon()),
                        norm.load(weights.at("k_norm"), config.headSize(), config.normEpsilon()),
                        true);
    }

    private static long queries(LlamaConfig config) {
        return (long) config.heads() * config.headSize();
    }

    /** Adds all but the token embedding and the head. */
    Decoder.Plan build(Decoder.Plan plan, Weights weights) {
        Map<RotaryConfig, Positions> positions = new HashMap<>();
        return plan.embeddingScale(embeddingScale)
                .blocks("layers", layer -> block(weights.at("layers").at(layer), positions, layer))
                .finalNorm("norm", norm.load(weights.at("norm"), config.hiddenSize(), config.normEpsilon()))
                .biasKeys(this::biasKey);
    }

    private @Nullable String biasKey(String path) {
        return path.startsWith(ATTENTION)
                ? config.biases().attentionKey()
                : config.biases().feedForwardKey();
    }

    private Module block(Weights weights, Map<RotaryConfig, Positions> positions, int layer) {
        return order.apply(new BlockParts() {
            @Override
            public Part norm(String name) {
                return Part.norm(
                        name, LlamaLayout.this.norm.load(weights.at(name), config.hiddenSize(), config.normEpsilon()));
            }

            @Override
            public Part attention() {
                return Part.attention(ATTENTION, LlamaLayout.this.attention(weights.at(ATTENTION), positions, layer));
            }

            @Override
            public Part feedForward() {
                return Part.feedForward(FEED_FORWARD, feedForward.load(config, weights.at(FEED_FORWARD)));
            }

            @Override
            public Part other(String name, Function<Weights, Module> loader) {
                return new Part(name, loader.apply(weights.at(name)), Role.OTHER);
            }
        });
    }

    /** Layers of one rotation share its tables. */
    private Attention attention(Weights weights, Map<RotaryConfig, Positions> positions, int layer) {
        Attention.Geometry geometry = new Attention.Geometry(
                layer,
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                positions.computeIfAbsent(config.rotary().get(layer), rotary -> rotary.positions(config.headSize())),
                new Scores(
                        config.scoreScale(),
                        config.caps().scores(),
                        true,
                        config.windows().get(layer)),
                weights.precision());
        return projections
                .load(config, weights, Attention.of(geometry))
                .output(
                        "o_proj",
                        Linear.load(
                                weights.at("o_proj"),
                                queries(config),
                                config.hiddenSize(),
                                config.biases().output()));
    }
}
