package io.github.peft4j.models.internal.architecture.gemma;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.Map;

/** Gemma checkpoints; follows Hugging Face's {@code modeling_gemma.py}. */
public final class GemmaFamily implements LlamaLike {

    private static final int DEFAULT_KEY_VALUE_HEADS = 16;
    private static final int DEFAULT_HEAD_SIZE = 256;
    private static final int DEFAULT_POSITIONS = 8192;
    private static final String DEFAULT_ACTIVATION = "gelu_pytorch_tanh";

    @Override
    public String modelType() {
        return "gemma";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        json.refuse("use_bidirectional_attention");
        String activation = json.textOr(DEFAULT_ACTIVATION, "hidden_act");
        return new LlamaVariant(json)
                .keyValueHeads(DEFAULT_KEY_VALUE_HEADS)
                .headSize(DEFAULT_HEAD_SIZE)
                .maxPositions(DEFAULT_POSITIONS)
                .paddingToken(0)
                .tied()
                // The first releases say gelu and mean its approximation.
                .activation(ActivationFunction.of(activation.equals("gelu") ? DEFAULT_ACTIVATION : activation))
                .biases(LlamaConfig.Biases.ofAttention(json))
                .read(modelType());
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights);
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(LanguageHead.kind("GemmaForCausalLM"), SequenceHead.kind("GemmaForSequenceClassification"));
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("q_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING", List.of("input_layernorm", "post_attention_layernorm", "norm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
