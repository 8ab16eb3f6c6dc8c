package io.github.peft4j.models.mistral;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Mistral checkpoints; follows Hugging Face's {@code modeling_mistral.py}. */
public final class MistralFamily implements ModelFamily {

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public String className() {
        return "MistralForCausalLM";
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        int window = json.integerOr(0, "sliding_window");
        return LlamaConfig.of(json, modelType(), new LlamaConfig.Variant(false, false, window, 0));
    }

    @Override
    public Model build(ModelConfig config, Weights weights) {
        return LlamaLayout.build((LlamaConfig) config, weights, className(), targets());
    }

    @Override
    public Pattern unusedTensors() {
        return LlamaLayout.UNUSED;
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("k_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "LN_TUNING", List.of("input_layernorm", "post_attention_layernorm", "norm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
