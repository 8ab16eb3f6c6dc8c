package io.github.peft4j.models.internal.architecture.gpt2;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.layer.internal.Mlp;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/** GPT-2 checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_gpt2.py}. */
public final class Gpt2Family extends DecoderFamily<Gpt2Config> {

    /** Old checkpoints hold the causal mask as tensors. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

    /** For the registry of architectures. */
    public Gpt2Family() {
        super(new Names("gpt2", "GPT2", "transformer", "wte"), Gpt2Config::of);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                LanguageHead.kind("GPT2LMHeadModel"),
                SequenceHead.kind("GPT2ForSequenceClassification"),
                EmbeddingHead.kind("GPT2Model"));
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, Gpt2Config config, Weights weights) {
        return plan.positions("wpe", Embedding.load(weights.at("wpe"), config.maxPositions(), config.hiddenSize()))
                .blocks("h", layer -> block(config, weights.at("h").at(layer), layer))
                .finalNorm("ln_f", norm(config, weights.at("ln_f")));
    }

    private static Module block(Gpt2Config config, Weights weights, int layer) {
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(
                        Part.norm("ln_1", norm(config, weights.at("ln_1"))),
                        Part.attention("attn", attention(config, weights.at("attn"), layer))),
                List.of(
                        Part.norm("ln_2", norm(config, weights.at("ln_2"))),
                        Part.feedForward("mlp", feedForward(config, weights.at("mlp")))));
    }

    private static LayerNorm norm(Gpt2Config config, Weights weights) {
        return LayerNorm.load(weights, config.hiddenSize(), config.normEpsilon());
    }

    private static Mlp feedForward(Gpt2Config config, Weights weights) {
        int width = config.hiddenSize();
        int inner = config.feedForwardSize();
        return new Mlp(
                "c_fc",
                Linear.loadConv1d(weights.at("c_fc"), width, inner),
                "c_proj",
                Linear.loadConv1d(weights.at("c_proj"), inner, width),
                config.activation());
    }

    private static Attention attention(Gpt2Config config, Weights weights, int layer) {
        int width = config.hiddenSize();
        Scores scores = Scores.of(config.headSize()).withScale(config.scale(layer));
        return attention(config, weights, layer, Positions.NONE, scores)
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
