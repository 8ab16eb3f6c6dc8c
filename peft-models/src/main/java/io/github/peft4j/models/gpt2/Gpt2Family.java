package io.github.peft4j.models.gpt2;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Decoder;
import io.github.peft4j.models.DecoderNames;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.nn.Attention;
import io.github.peft4j.models.nn.DecoderBlock;
import io.github.peft4j.models.nn.DecoderBlock.Part;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.LayerNorm;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Mlp;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** GPT-2 checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_gpt2.py}. */
public final class Gpt2Family implements ModelFamily {

    private static final DecoderNames NAMES = new DecoderNames(
            "transformer",
            "wte",
            "wpe",
            null,
            "h",
            "ln_1",
            "attn",
            List.of("c_attn"),
            "c_proj",
            "ln_2",
            "mlp",
            "c_proj",
            "ln_f");

    /** Old checkpoints hold the causal mask as tensors. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        return Gpt2Config.of(json);
    }

    @Override
    public Weights tokenEmbedding(Weights root) {
        return root.atIfPresent(NAMES.backbone()).at(NAMES.embedding());
    }

    @Override
    public Backbone backbone(ModelConfig config, Weights root) {
        return decoder((Gpt2Config) config, root.atIfPresent(NAMES.backbone()));
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(LanguageHead.kind("GPT2LMHeadModel"), SequenceHead.kind("GPT2ForSequenceClassification"));
    }

    private static Decoder decoder(Gpt2Config config, Weights weights) {
        int width = config.hiddenSize();
        return new Decoder.Plan(
                        config,
                        NAMES,
                        Embedding.load(weights.at("wte"), config.vocabSize(), width),
                        layer -> block(config, weights.at("h").at(layer), layer),
                        LayerNorm.load(weights.at("ln_f"), width, config.normEpsilon()),
                        Anatomy.PositionScheme.LEARNED)
                .positions(Embedding.load(weights.at("wpe"), config.maxPositions(), width))
                .build();
    }

    private static Module block(Gpt2Config config, Weights weights, int layer) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        Weights attention = weights.at("attn");
        Weights mlp = weights.at("mlp");
        Attention.Geometry geometry = new Attention.Geometry(
                layer,
                config.heads(),
                config.heads(),
                config.headSize(),
                config.scale(layer),
                0,
                null,
                null,
                weights.precision());
        return new DecoderBlock(
                new Part("ln_1", LayerNorm.load(weights.at("ln_1"), width, epsilon)),
                new Part(
                        "attn",
                        Attention.fused(
                                geometry,
                                "c_attn",
                                Linear.loadConv1d(attention.at("c_attn"), width, 3L * width),
                                false,
                                "c_proj",
                                Linear.loadConv1d(attention.at("c_proj"), width, width))),
                new Part("ln_2", LayerNorm.load(weights.at("ln_2"), width, epsilon)),
                new Part(
                        "mlp",
                        new Mlp(
                                "c_fc",
                                Linear.loadConv1d(mlp.at("c_fc"), width, config.feedForwardSize()),
                                "c_proj",
                                Linear.loadConv1d(mlp.at("c_proj"), config.feedForwardSize(), width),
                                config.activation())),
                false);
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("c_attn"),
                "IA3", List.of("c_attn", "mlp.c_proj"),
                "IA3_FEEDFORWARD", List.of("mlp.c_proj"),
                "VERA", List.of("c_attn"),
                "LN_TUNING", List.of("ln_1", "ln_2", "ln_f"),
                "ADAPTION_PROMPT", List.of("attn"));
    }
}
