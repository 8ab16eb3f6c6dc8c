package io.github.peft4j.models.internal.architecture.gemma2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.LayerTypes;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.architecture.gemma.GemmaLayout;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.Map;

/** Gemma 2 checkpoints; follows Hugging Face's {@code modeling_gemma2.py}. */
public final class Gemma2Family implements LlamaLike {

    private static final int DEFAULT_KEY_VALUE_HEADS = 4;
    private static final int DEFAULT_HEAD_SIZE = 256;
    private static final int DEFAULT_SCORE_SIZE = 256;
    private static final int DEFAULT_POSITIONS = 8192;
    private static final int DEFAULT_WINDOW = 4096;
    private static final double DEFAULT_SCORE_CAP = 50;
    private static final double DEFAULT_LOGIT_CAP = 30;

    @Override
    public String modelType() {
        return "gemma2";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        json.refuse("use_bidirectional_attention");
        int window = json.isNull("sliding_window") ? 0 : json.integerOr(DEFAULT_WINDOW, "sliding_window");
        return new LlamaVariant(json)
                .keyValueHeads(DEFAULT_KEY_VALUE_HEADS)
                .headSize(DEFAULT_HEAD_SIZE)
                .maxPositions(DEFAULT_POSITIONS)
                .paddingToken(0)
                .tied()
                .activation(ActivationFunction.of(json.textOr("gelu_pytorch_tanh", "hidden_activation")))
                .biases(LlamaConfig.Biases.ofAttention(json))
                .windows(LayerTypes.windows(
                        json, LayerTypes.sliding(json, layer -> layer % 2 == 0), window, "sliding_window gives"))
                .scoreScale(1 / Math.sqrt(json.positiveOr(DEFAULT_SCORE_SIZE, "query_pre_attn_scalar")))
                .caps(new LlamaConfig.Caps(
                        GemmaLayout.cap(json, "attn_logit_softcapping", DEFAULT_SCORE_CAP),
                        GemmaLayout.cap(json, "final_logit_softcapping", DEFAULT_LOGIT_CAP)))
                .read(modelType());
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights).order(LlamaLayout::normsAround);
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(
                LanguageHead.kind("Gemma2ForCausalLM", GemmaLayout.HEAD),
                SequenceHead.kind("Gemma2ForSequenceClassification"));
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("q_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING",
                        List.of(
                                "input_layernorm",
                                "post_attention_layernorm",
                                "pre_feedforward_layernorm",
                                "post_feedforward_layernorm",
                                "norm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
