package io.github.peft4j.models.internal.architecture.gpt2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
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

/** GPT-2 checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_gpt2.py}. */
public final class Gpt2Family implements DecoderFamily<Gpt2Config> {

    private static final String BACKBONE = "transformer";
    private static final String EMBEDDING = "wte";

    /** Old checkpoints hold the causal mask as tensors. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public Gpt2Config config(ConfigJson json) {
        return Gpt2Config.of(json);
    }

    @Override
    public String backboneName() {
        return BACKBONE;
    }

    @Override
    public String embeddingName() {
        return EMBEDDING;
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("GPT2LMHeadModel"), SequenceHead.kind("GPT2ForSequenceClassification"));
    }

    @Override
    public Decoder decoder(Gpt2Config config, Weights weights) {
        int width = config.hiddenSize();
        return new Decoder.Plan(config, BACKBONE)
                .tokens(EMBEDDING, Embedding.load(weights.at(EMBEDDING), config.vocabSize(), width))
                .positions("wpe", Embedding.load(weights.at("wpe"), config.maxPositions(), width))
                .blocks("h", layer -> block(config, weights.at("h").at(layer), layer))
                .finalNorm("ln_f", LayerNorm.load(weights.at("ln_f"), width, config.normEpsilon()))
                .build();
    }

    private static Module block(Gpt2Config config, Weights weights, int layer) {
        int width = config.hiddenSize();
        Weights mlp = weights.at("mlp");
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(
                        norm(config, weights, "ln_1"),
                        Part.attention("attn", attention(config, weights.at("attn"), layer))),
                List.of(
                        norm(config, weights, "ln_2"),
                        Part.feedForward(
                                "mlp",
                                new Mlp(
                                        "c_fc",
                                        Linear.loadConv1d(mlp.at("c_fc"), width, config.feedForwardSize()),
                                        "c_proj",
                                        Linear.loadConv1d(mlp.at("c_proj"), config.feedForwardSize(), width),
                                        config.activation()))));
    }

    private static Part norm(Gpt2Config config, Weights weights, String name) {
        return Part.norm(name, LayerNorm.load(weights.at(name), config.hiddenSize(), config.normEpsilon()));
    }

    private static Attention attention(Gpt2Config config, Weights weights, int layer) {
        int width = config.hiddenSize();
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        Positions.NONE,
                        Scores.of(config.headSize()).withScale(config.scale(layer)),
                        weights.precision()))
                .fused(
                        "c_attn",
                        Linear.loadConv1d(weights.at("c_attn"), width, 3L * width),
                        QkvProjection.Layout.BLOCKS)
                .output("c_proj", Linear.loadConv1d(weights.at("c_proj"), width, width));
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
