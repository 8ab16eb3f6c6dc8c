package io.github.peft4j.models.qwen2;

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

/** Qwen2 checkpoints; follows Hugging Face's {@code modeling_qwen2.py}. */
public final class Qwen2Family implements ModelFamily {

    /** Layers below it see all keys even where the window is on; Hugging Face's default of {@code max_window_layers}. */
    private static final int DEFAULT_WINDOW_FROM = 28;

    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public String className() {
        return "Qwen2ForCausalLM";
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        int window = json.flagOr(false, "use_sliding_window") ? json.integerOr(0, "sliding_window") : 0;
        int from = json.has("max_window_layers") ? (int) json.numberOr(0, "max_window_layers") : DEFAULT_WINDOW_FROM;
        return LlamaConfig.of(json, modelType(), new LlamaConfig.Variant(true, false, window, from));
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
                "IA3", List.of("q_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "LN_TUNING", List.of("post_attention_layernorm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
