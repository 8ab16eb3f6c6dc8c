package io.github.peft4j.models.internal.architecture.opt;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Embedding;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.layer.internal.Mlp;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/** OPT and Galactica checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_opt.py}. */
public final class OptFamily implements DecoderFamily<OptConfig> {

    private static final String MODEL = "model";
    private static final String DECODER = "decoder";
    private static final String EMBEDDING = "embed_tokens";

    /** The first rows of the position table are of no token. */
    private static final int FIRST_POSITION = 2;

    private static final double EPSILON = 1e-5;

    /** Old checkpoints hold the number of their layout. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?decoder\\.version");

    @Override
    public String modelType() {
        return "opt";
    }

    @Override
    public OptConfig config(ConfigJson json) {
        return OptConfig.of(json);
    }

    @Override
    public String backboneName() {
        return MODEL + "." + DECODER;
    }

    @Override
    public String embeddingName() {
        return EMBEDDING;
    }

    /** Checkpoints without their head have the second segment of the name alone. */
    @Override
    public Weights tensors(Weights root) {
        return root.atIfPresent(MODEL).at(DECODER);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("OPTForCausalLM"), SequenceHead.kind("OPTForSequenceClassification"));
    }

    @Override
    public Decoder decoder(OptConfig config, Weights weights) {
        long width = config.hiddenSize();
        long outer = config.embeddingSize();
        Decoder.Plan plan = new Decoder.Plan(config, backboneName())
                .tokens(EMBEDDING, tokens(config, weights.at(EMBEDDING)))
                .positions(
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
        return plan.build();
    }

    private static Embedding tokens(OptConfig config, Weights weights) {
        Embedding tokens = Embedding.load(weights, config.vocabSize(), config.embeddingSize());
        return config.paddingToken() == null ? tokens : tokens.withPadding(config.paddingToken());
    }

    private static Module norm(OptConfig config, Weights weights) {
        return config.normWeights()
                ? LayerNorm.load(weights, config.hiddenSize(), EPSILON)
                : new PlainLayerNorm(EPSILON);
    }

    private static DecoderBlock block(OptConfig config, Weights weights, int layer) {
        Part attention = Part.attention("self_attn", attention(config, weights.at("self_attn"), layer));
        Part attentionNorm = Part.norm("self_attn_layer_norm", norm(config, weights.at("self_attn_layer_norm")));
        Part feedForward = Part.feedForward(feedForward(config, weights));
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
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        Positions.NONE,
                        Scores.of(config.headSize()),
                        weights.precision()))
                .separate(
                        square(config, weights.at("q_proj")),
                        square(config, weights.at("k_proj")),
                        square(config, weights.at("v_proj")))
                .output("out_proj", square(config, weights.at("out_proj")));
    }

    private static Linear square(OptConfig config, Weights weights) {
        return Linear.load(weights, config.hiddenSize(), config.hiddenSize(), config.bias());
    }

    private static Mlp feedForward(OptConfig config, Weights block) {
        long width = config.hiddenSize();
        long inner = config.feedForwardSize();
        return new Mlp(
                "fc1",
                Linear.load(block.at("fc1"), width, inner, config.bias()),
                "fc2",
                Linear.load(block.at("fc2"), inner, width, config.bias()),
                config.activation());
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
