package io.github.peft4j.models.internal.architecture.gemma3;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.internal.architecture.gemma.GemmaLayout;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** Text-only Gemma 3 checkpoints; follows Hugging Face's {@code modeling_gemma3.py}. */
public final class Gemma3Family extends LlamaLike {

    private static final RotaryConfig.Spelling FULL = RotaryConfig.Spelling.LLAMA.withTheta(1_000_000);
    private static final RotaryConfig.Spelling SLIDING = new RotaryConfig.Spelling(
            10_000, "rope_local_base_freq", "partial_rotary_factor", null, 0, RotaryConfig.Spelling.TYPES);

    /** For the registry of architectures. */
    public Gemma3Family() {
        super("gemma3_text", "Gemma3", Gemma3Family::variant);
    }

    private static LlamaVariant variant(ConfigJson json) {
        // transformers reads it and does not bound the scores.
        json.refuse("attn_logit_softcapping");
        int window = LayerTypes.windowOr(4096, json);
        int pattern = json.integerOr(6, "sliding_window_pattern");
        List<Boolean> sliding = LayerTypes.sliding(json, layer -> (layer + 1) % pattern != 0);
        // Each kind of layer has a set of values of its own; rope_scaling, where it is there, is that of layers that
        // see all keys.
        RotaryConfig full = RotaryConfig.of(json, LayerTypes.FULL, json.object("rope_scaling"), FULL);
        RotaryConfig near = RotaryConfig.of(json, LayerTypes.SLIDING, null, SLIDING);
        return GemmaLayout.variant(json)
                .activation(ActivationFunction.of(json.textOr("gelu_pytorch_tanh", "hidden_activation")))
                .keyValueHeads(4)
                .maxPositions(131072)
                .windows(LayerTypes.windows(json, sliding, window, "sliding_window gives"))
                .rotary(sliding.stream().map(is -> is ? near : full).toList())
                .scoreScale(GemmaLayout.scoreScale(json))
                .caps(new LlamaConfig.Caps(0, GemmaLayout.cap(json, "final_logit_softcapping", 0)));
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights)
                .projections(LlamaLayout.normedHeads(GemmaLayout::norm))
                .order(LlamaLayout::normsAround);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        // The model without its head has a name of its own.
        return List.of(
                LanguageHead.kind("Gemma3ForCausalLM", GemmaLayout.HEAD).reading("Gemma3TextModel"),
                SequenceHead.kind("Gemma3TextForSequenceClassification").reading("Gemma3ForCausalLM"),
                EmbeddingHead.kind("Gemma3TextModel").reading("Gemma3ForCausalLM"));
    }
}
