package io.github.peft4j.models.internal.architecture.gptneox;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.architecture.MegatronBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/** GPT-NeoX and Pythia checkpoints; follows Hugging Face's {@code modeling_gpt_neox.py}. */
public final class GptNeoXFamily extends DecoderFamily<GptNeoXConfig> {

    /** Old checkpoints hold the causal mask and rotary frequencies as tensors. */
    private static final Pattern UNUSED =
            Pattern.compile("(.*\\.)?attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");

    /** For the registry of architectures. */
    public GptNeoXFamily() {
        super(new Names("gpt_neox", "GPTNeoX", "gpt_neox", "embed_in"), GptNeoXConfig::of);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                LanguageHead.kind("GPTNeoXForCausalLM", LanguageHead.Options.PLAIN.named("embed_out")),
                SequenceHead.kind("GPTNeoXForSequenceClassification"),
                EmbeddingHead.kind("GPTNeoXModel"));
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, GptNeoXConfig config, Weights weights) {
        MegatronBlock block = new MegatronBlock(
                config,
                config.normEpsilon(),
                config.sideBySide() ? DecoderBlock.Residual.SIDE_BY_SIDE : DecoderBlock.Residual.IN_TURN,
                "attention",
                config.rotary().positions(config.headSize()),
                config.attentionBias(),
                config.activation());
        return plan.blocks("layers", layer -> block.load(weights.at("layers").at(layer), layer))
                .finalNorm(
                        "final_layer_norm",
                        LayerNorm.load(weights.at("final_layer_norm"), config.hiddenSize(), config.normEpsilon()))
                .biasKeys(path -> path.startsWith("attention") ? "attention_bias" : null);
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
