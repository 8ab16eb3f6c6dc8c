package io.github.peft4j.models.internal.architecture.gptneox;

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

/** GPT-NeoX and Pythia checkpoints; follows Hugging Face's {@code modeling_gpt_neox.py}. */
public final class GptNeoXFamily implements DecoderFamily<GptNeoXConfig> {

    private static final String BACKBONE = "gpt_neox";
    private static final String EMBEDDING = "embed_in";

    /** What checkpoints call the head. */
    private static final String HEAD = "embed_out";

    /** Old checkpoints hold the causal mask and rotary frequencies as tensors. */
    private static final Pattern UNUSED =
            Pattern.compile("(.*\\.)?attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");

    @Override
    public String modelType() {
        return "gpt_neox";
    }

    @Override
    public GptNeoXConfig config(ConfigJson json) {
        return GptNeoXConfig.of(json);
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
        return List.of(
                LanguageHead.kind("GPTNeoXForCausalLM", LanguageHead.Options.PLAIN.named(HEAD)),
                SequenceHead.kind("GPTNeoXForSequenceClassification"));
    }

    @Override
    public Decoder decoder(GptNeoXConfig config, Weights weights) {
        Positions rotary = config.rotary().positions(config.headSize());
        return new Decoder.Plan(config, BACKBONE)
                .tokens(EMBEDDING, Embedding.load(weights.at(EMBEDDING), config.vocabSize(), config.hiddenSize()))
                .blocks("layers", layer -> block(config, weights.at("layers").at(layer), rotary, layer))
                .finalNorm("final_layer_norm", norm(config, weights.at("final_layer_norm")))
                .biasKeys(path -> path.startsWith("attention") ? "attention_bias" : null)
                .build();
    }

    private static LayerNorm norm(GptNeoXConfig config, Weights weights) {
        return LayerNorm.load(weights, config.hiddenSize(), config.normEpsilon());
    }

    private static Module block(GptNeoXConfig config, Weights weights, Positions rotary, int layer) {
        int width = config.hiddenSize();
        int inner = config.feedForwardSize();
        Weights mlp = weights.at("mlp");
        return DecoderBlock.of(
                config.sideBySide() ? DecoderBlock.Residual.SIDE_BY_SIDE : DecoderBlock.Residual.IN_TURN,
                List.of(
                        Part.norm("input_layernorm", norm(config, weights.at("input_layernorm"))),
                        Part.attention("attention", attention(config, weights.at("attention"), rotary, layer))),
                List.of(
                        Part.norm("post_attention_layernorm", norm(config, weights.at("post_attention_layernorm"))),
                        Part.feedForward(
                                "mlp",
                                new Mlp(
                                        "dense_h_to_4h",
                                        Linear.load(mlp.at("dense_h_to_4h"), width, inner, true),
                                        "dense_4h_to_h",
                                        Linear.load(mlp.at("dense_4h_to_h"), inner, width, true),
                                        config.activation()))));
    }

    private static Attention attention(GptNeoXConfig config, Weights weights, Positions rotary, int layer) {
        int width = config.hiddenSize();
        boolean bias = config.attentionBias();
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        rotary,
                        Scores.of(config.headSize()),
                        weights.precision()))
                .fused(
                        "query_key_value",
                        Linear.load(weights.at("query_key_value"), width, 3L * width, bias),
                        QkvProjection.Layout.INTERLEAVED)
                .output("dense", Linear.load(weights.at("dense"), width, width, bias));
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
