package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.attention.internal.Alibi;
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

/** Bloom checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_bloom.py}. */
public final class BloomFamily implements DecoderFamily<BloomConfig> {

    private static final String BACKBONE = "transformer";
    private static final String EMBEDDING = "word_embeddings";

    @Override
    public String modelType() {
        return "bloom";
    }

    @Override
    public BloomConfig config(ConfigJson json) {
        return BloomConfig.of(json);
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
        return List.of(LanguageHead.kind("BloomForCausalLM"), SequenceHead.kind("BloomForSequenceClassification"));
    }

    @Override
    public Decoder decoder(BloomConfig config, Weights weights) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        Alibi alibi = Alibi.of(config.heads());
        return new Decoder.Plan(config, BACKBONE)
                .tokens(EMBEDDING, Embedding.load(weights.at(EMBEDDING), config.vocabSize(), width))
                .embeddingNorm(
                        "word_embeddings_layernorm",
                        LayerNorm.load(weights.at("word_embeddings_layernorm"), width, epsilon))
                .blocks("h", layer -> block(config, weights.at("h").at(layer), alibi, layer))
                .finalNorm("ln_f", LayerNorm.load(weights.at("ln_f"), width, epsilon))
                .build();
    }

    private static Module block(BloomConfig config, Weights weights, Alibi alibi, int layer) {
        int width = config.hiddenSize();
        Weights mlp = weights.at("mlp");
        return DecoderBlock.of(
                config.residualAfterNorm() ? DecoderBlock.Residual.IN_TURN_FROM_NORM : DecoderBlock.Residual.IN_TURN,
                List.of(
                        norm(config, weights, "input_layernorm"),
                        Part.attention(
                                "self_attention", attention(config, weights.at("self_attention"), alibi, layer))),
                List.of(
                        norm(config, weights, "post_attention_layernorm"),
                        Part.feedForward(
                                "mlp",
                                new Mlp(
                                        "dense_h_to_4h",
                                        Linear.load(mlp.at("dense_h_to_4h"), width, config.feedForwardSize(), true),
                                        "dense_4h_to_h",
                                        Linear.load(mlp.at("dense_4h_to_h"), config.feedForwardSize(), width, true),
                                        ActivationFunction.GELU_TANH))));
    }

    private static Part norm(BloomConfig config, Weights weights, String name) {
        return Part.norm(name, LayerNorm.load(weights.at(name), config.hiddenSize(), config.normEpsilon()));
    }

    private static Attention attention(BloomConfig config, Weights weights, Alibi alibi, int layer) {
        int width = config.hiddenSize();
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        alibi,
                        Scores.of(config.headSize()),
                        weights.precision()))
                .fused(
                        "query_key_value",
                        Linear.load(weights.at("query_key_value"), width, 3L * width, true),
                        QkvProjection.Layout.INTERLEAVED)
                .output("dense", Linear.load(weights.at("dense"), width, width, true));
    }
}
