package io.github.peft4j.models.internal.architecture.gemma2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.internal.architecture.gemma.GemmaLayout;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** Gemma 2 checkpoints; follows Hugging Face's {@code modeling_gemma2.py}. */
public final class Gemma2Family extends LlamaLike {

    /** For the registry of architectures. */
    public Gemma2Family() {
        super("gemma2", "Gemma2", Gemma2Family::variant);
    }

    private static LlamaVariant variant(ConfigJson json) {
        int window = LayerTypes.windowOr(4096, json);
        return GemmaLayout.variant(json)
                .activation(ActivationFunction.of(json.textOr("gelu_pytorch_tanh", "hidden_activation")))
                .keyValueHeads(4)
                .maxPositions(8192)
                .windows(LayerTypes.windows(
                        json, LayerTypes.sliding(json, layer -> layer % 2 == 0), window, "sliding_window gives"))
                .scoreScale(GemmaLayout.scoreScale(json))
                .caps(new LlamaConfig.Caps(
                        GemmaLayout.cap(json, "attn_logit_softcapping", 50),
                        GemmaLayout.cap(json, "final_logit_softcapping", 30)));
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights).order(LlamaLayout::normsAround);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                LanguageHead.kind("Gemma2ForCausalLM", GemmaLayout.HEAD),
                SequenceHead.kind("Gemma2ForSequenceClassification"));
    }
}
