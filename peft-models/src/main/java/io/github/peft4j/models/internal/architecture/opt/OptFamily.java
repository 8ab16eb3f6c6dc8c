package io.github.peft4j.models.internal.architecture.opt;

import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/** OPT and Galactica checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_opt.py}. */
public final class OptFamily extends DecoderFamily<OptConfig> {

    /** The first rows of the position table are of no token. */
    private static final int FIRST_POSITION = 2;

    private static final double EPSILON = 1e-5;

    /** Old checkpoints hold the number of their layout. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?decoder\\.version");

    /** For the registry of architectures. */
    public OptFamily() {
        super(new Names("opt", "OPT", "model.decoder", "embed_tokens"), OptConfig::of);
    }

    /** Checkpoints without their head have the second segment of the name alone. */
    @Override
    protected Weights tensors(Weights root) {
        return root.atIfPresent("model").at("decoder");
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, OptConfig config, Weights weights) {
        long width = config.hiddenSize();
        long outer = config.embeddingSize();
        plan.positions(
                        "embed_positions",
                        Embedding.load(
                                weights.at("embed_positions"), (long) config.maxPositions() + FIRST_POSITION, width),
                        FIRST_POSITION)
                .blocks("layers", layer -> block(config, weights.at("layers").at(layer), layer))
                .biasKeys(path -> "enable_bias");
        if (outer != width) {
            plan.embeddingProjection("project_in", Linear.load(weights.at("project_in"), outer, width, false))
                    .outputProjection("project_out", Linear.load(weights.at("project_out"), width, outer, false));
        }
        if (config.finalNorm()) {
            plan.finalNorm("final_layer_norm", norm(config, weights.at("final_layer_norm")));
        }
        return plan;
    }

    private static Module norm(OptConfig config, Weights weights) {
        return config.normWeights()
                ? LayerNorm.load(weights, config.hiddenSize(), EPSILON)
                : new PlainLayerNorm(EPSILON);
    }

    private static DecoderBlock block(OptConfig config, Weights weights, int layer) {
        Part attention = Part.attention("self_attn", attention(config, weights.at("self_attn"), layer));
        Part attentionNorm = Part.norm("self_attn_layer_norm", norm(config, weights.at("self_attn_layer_norm")));
        Part feedForward =
                Part.feedForward(feedForward(config, weights, "fc1", "fc2", config.bias(), config.activation()));
        Part feedForwardNorm = Part.norm("final_layer_norm", norm(config, weights.at("final_layer_norm")));
        return config.normsBefore()
                ? DecoderBlock.of(
                        DecoderBlock.Residual.IN_TURN,
                        List.of(attentionNorm, attention),
                        List.of(feedForwardNorm, feedForward))
                : DecoderBlock.of(
                        DecoderBlock.Residual.IN_TURN_TO_NORM,
                        List.of(attention, attentionNorm),
                        List.of(feedForward, feedForwardNorm));
    }

    private static Attention attention(OptConfig config, Weights weights, int layer) {
        return attention(config, weights, layer, Positions.NONE, Scores.of(config.headSize()))
                .separate(
                        square(config, weights.at("q_proj")),
                        square(config, weights.at("k_proj")),
                        square(config, weights.at("v_proj")))
                .output("out_proj", square(config, weights.at("out_proj")));
    }

    private static Linear square(OptConfig config, Weights weights) {
        return Linear.load(weights, config.hiddenSize(), config.hiddenSize(), config.bias());
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
