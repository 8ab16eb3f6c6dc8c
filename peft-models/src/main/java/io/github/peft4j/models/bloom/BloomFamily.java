package io.github.peft4j.models.bloom;

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
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Alibi;
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

/** Bloom checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_bloom.py}. */
public final class BloomFamily implements ModelFamily {

    private static final DecoderNames NAMES = new DecoderNames(
            "transformer",
            "word_embeddings",
            null,
            "word_embeddings_layernorm",
            "h",
            "input_layernorm",
            "self_attention",
            List.of("query_key_value"),
            "dense",
            "post_attention_layernorm",
            "mlp",
            "dense_4h_to_h",
            "ln_f");

    @Override
    public String modelType() {
        return "bloom";
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        return BloomConfig.of(json);
    }

    @Override
    public Weights tokenEmbedding(Weights root) {
        return root.atIfPresent(NAMES.backbone()).at(NAMES.embedding());
    }

    @Override
    public Backbone backbone(ModelConfig config, Weights root) {
        return decoder((BloomConfig) config, root.atIfPresent(NAMES.backbone()));
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(LanguageHead.kind("BloomForCausalLM"), SequenceHead.kind("BloomForSequenceClassification"));
    }

    private static Decoder decoder(BloomConfig config, Weights weights) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        float[] slopes = Alibi.slopes(config.heads());
        return new Decoder.Plan(
                        config,
                        NAMES,
                        Embedding.load(weights.at("word_embeddings"), config.vocabSize(), width),
                        layer -> block(config, weights.at("h").at(layer), slopes, layer),
                        LayerNorm.load(weights.at("ln_f"), width, epsilon),
                        Anatomy.PositionScheme.ALIBI)
                .embeddingNorm(LayerNorm.load(weights.at("word_embeddings_layernorm"), width, epsilon))
                .build();
    }

    private static Module block(BloomConfig config, Weights weights, float[] slopes, int layer) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        Weights attention = weights.at("self_attention");
        Weights mlp = weights.at("mlp");
        Attention.Geometry geometry = new Attention.Geometry(
                layer,
                config.heads(),
                config.heads(),
                config.headSize(),
                1 / Math.sqrt(config.headSize()),
                0,
                null,
                slopes,
                weights.precision());
        return new DecoderBlock(
                new Part("input_layernorm", LayerNorm.load(weights.at("input_layernorm"), width, epsilon)),
                new Part(
                        "self_attention",
                        Attention.fused(
                                geometry,
                                "query_key_value",
                                Linear.load(attention.at("query_key_value"), width, 3L * width, true),
                                true,
                                "dense",
                                Linear.load(attention.at("dense"), width, width, true))),
                new Part(
                        "post_attention_layernorm",
                        LayerNorm.load(weights.at("post_attention_layernorm"), width, epsilon)),
                new Part(
                        "mlp",
                        new Mlp(
                                "dense_h_to_4h",
                                Linear.load(mlp.at("dense_h_to_4h"), width, config.feedForwardSize(), true),
                                "dense_4h_to_h",
                                Linear.load(mlp.at("dense_4h_to_h"), config.feedForwardSize(), width, true),
                                ActivationFunction.GELU_TANH)),
                config.residualAfterNorm());
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("query_key_value"),
                "IA3", List.of("query_key_value", "mlp.dense_4h_to_h"),
                "IA3_FEEDFORWARD", List.of("mlp.dense_4h_to_h"),
                "VERA", List.of("query_key_value"),
                "LN_TUNING", List.of("input_layernorm", "post_attention_layernorm", "ln_f"));
    }
}
