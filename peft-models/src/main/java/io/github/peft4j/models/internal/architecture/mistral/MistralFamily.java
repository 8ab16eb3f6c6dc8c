package io.github.peft4j.models.internal.architecture.mistral;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import java.util.List;
import java.util.Map;

/** Mistral checkpoints; follows Hugging Face's {@code modeling_mistral.py}. */
public final class MistralFamily implements LlamaLike {

    private static final int DEFAULT_KEY_VALUE_HEADS = 8;
    private static final int DEFAULT_POSITIONS = 131072;
    private static final int DEFAULT_WINDOW = 4096;

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        // Null means no window, absence the default.
        int window = json.isNull("sliding_window") ? 0 : json.integerOr(DEFAULT_WINDOW, "sliding_window");
        return new LlamaVariant(json)
                .keyValueHeads(DEFAULT_KEY_VALUE_HEADS)
                .maxPositions(DEFAULT_POSITIONS)
                .window(window)
                .read(modelType());
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(LanguageHead.kind("MistralForCausalLM"), SequenceHead.kind("MistralForSequenceClassification"));
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("k_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING", List.of("input_layernorm", "post_attention_layernorm", "norm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
