package io.github.peft4j.models.internal.architecture.modernbert;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.internal.Divisible;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.internal.head.NewLayers;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Pooling;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and options of a ModernBERT.
 *
 * @param blocks what differs from layer to layer
 * @param paddingToken the token whose embedding is not trained, or null
 * @param tied whether a language model's head shares the embedding's weight
 */
record ModernBertConfig(
        int vocabSize,
        int hiddenSize,
        int feedForwardSize,
        int heads,
        int maxPositions,
        double normEpsilon,
        ActivationFunction activation,
        List<Block> blocks,
        Biases biases,
        HeadSettings head,
        @Nullable Integer paddingToken,
        boolean tied)
        implements ModelConfig {

    private static final String TYPE = "modernbert";
    private static final int DEFAULT_POSITIONS = 8192;
    private static final int DEFAULT_PADDING = 50283;
    private static final int DEFAULT_WINDOW = 128;
    private static final int DEFAULT_PATTERN = 3;
    private static final double DEFAULT_EPSILON = 1e-5;
    private static final double DEFAULT_CUTOFF = 2;
    private static final RotaryConfig.Spelling FULL = spelling(160_000, "global_rope_theta");
    private static final RotaryConfig.Spelling SLIDING = spelling(10_000, "local_rope_theta");

    /**
     * What is special about a layer.
     *
     * @param window as {@link io.github.peft4j.models.nn.attention.internal.Scores#window} says
     */
    record Block(int window, RotaryConfig rotary) {}

    /**
     * Which modules have biases.
     *
     * @param head the layer that heads have before their output layer
     * @param decoder the output layer of a masked language model
     */
    record Biases(boolean norm, boolean attention, boolean feedForward, boolean head, boolean decoder) {}

    /**
     * What heads do.
     *
     * @param pooling which hidden state of a row is classified
     * @param range the standard deviation that most new weights are drawn with
     * @param cutoff how many of them new weights are away from zero at most
     */
    record HeadSettings(ActivationFunction activation, Pooling pooling, double range, double cutoff) {}

    private static RotaryConfig.Spelling spelling(double theta, String key) {
        return new RotaryConfig.Spelling(theta, key, "partial_rotary_factor", null, 0, RotaryConfig.Spelling.TYPES);
    }

    /** Checks that heads divide the width, and that they can be rotated. */
    ModernBertConfig {
        Divisible.require("hidden_size", hiddenSize, "num_attention_heads", heads);
        int headSize = hiddenSize / heads;
        blocks.forEach(block -> block.rotary().requireFits(headSize));
    }

    /**
     * Reads a config.
     *
     * @throws IllegalArgumentException if a key is missing or bad
     */
    static ModernBertConfig of(ConfigJson json) {
        return new ModernBertConfig(
                json.integer("vocab_size"),
                json.integer("hidden_size"),
                json.integer("intermediate_size"),
                json.integer("num_attention_heads"),
                json.integerOr(DEFAULT_POSITIONS, "max_position_embeddings"),
                json.positiveOr(DEFAULT_EPSILON, "norm_eps"),
                ActivationFunction.of(json.textOr("gelu", "hidden_activation")),
                blocks(json),
                new Biases(
                        json.flagOr(false, "norm_bias"),
                        json.flagOr(false, "attention_bias"),
                        json.flagOr(false, "mlp_bias"),
                        json.flagOr(false, "classifier_bias"),
                        json.flagOr(true, "decoder_bias")),
                new HeadSettings(
                        ActivationFunction.of(json.textOr("gelu", "classifier_activation")),
                        pooling(json),
                        json.decimalOr(NewLayers.USUAL_RANGE, "initializer_range"),
                        json.positiveOr(DEFAULT_CUTOFF, "initializer_cutoff_factor")),
                json.has("pad_token_id") || json.isNull("pad_token_id")
                        ? json.numberOrNull("pad_token_id")
                        : (Integer) DEFAULT_PADDING,
                json.flagOr(true, "tie_word_embeddings"));
    }

    private static List<Block> blocks(ConfigJson json) {
        int pattern = json.integerOr(DEFAULT_PATTERN, "global_attn_every_n_layers");
        List<Boolean> sliding = LayerTypes.sliding(json, layer -> layer % pattern != 0);
        ConfigJson scaling = json.object("rope_scaling");
        Block full = new Block(0, RotaryConfig.of(json, LayerTypes.FULL, scaling, FULL));
        Block near = new Block(window(json), RotaryConfig.of(json, LayerTypes.SLIDING, scaling, SLIDING));
        return IntStream.range(0, sliding.size())
                .mapToObj(layer -> sliding.get(layer) ? near : full)
                .toList();
    }

    /** Half of {@code local_attention} to each side, the query itself not counted. */
    private static int window(ConfigJson json) {
        int half = json.has("sliding_window")
                ? json.countOr(0, "sliding_window")
                : json.countOr(DEFAULT_WINDOW, "local_attention") / 2;
        return half == Integer.MAX_VALUE ? half : half + 1;
    }

    private static Pooling pooling(ConfigJson json) {
        String told = json.textOr("cls", "classifier_pooling");
        return switch (told) {
            case "cls" -> Pooling.FIRST;
            case "mean" -> Pooling.MEAN;
            default ->
                throw new IllegalArgumentException(json.source() + ": classifier_pooling must be cls or mean, got "
                        + json.json("classifier_pooling"));
        };
    }

    @Override
    public String modelType() {
        return TYPE;
    }

    @Override
    public int layers() {
        return blocks.size();
    }
}
