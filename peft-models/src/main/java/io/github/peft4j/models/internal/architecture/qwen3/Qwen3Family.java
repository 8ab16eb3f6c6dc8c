package io.github.peft4j.models.internal.architecture.qwen3;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.architecture.qwen2.Qwen2Family;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.layer.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.Map;

/** Qwen3 checkpoints; follows Hugging Face's {@code modeling_qwen3.py}. */
public final class Qwen3Family implements LlamaLike {

    private static final int DEFAULT_KEY_VALUE_HEADS = 32;
    private static final int DEFAULT_POSITIONS = 32768;
    private static final int DEFAULT_HEAD_SIZE = 128;

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        return new LlamaVariant(json)
                .keyValueHeads(DEFAULT_KEY_VALUE_HEADS)
                .maxPositions(DEFAULT_POSITIONS)
                .headSize(DEFAULT_HEAD_SIZE)
                .biases(LlamaConfig.Biases.ofAttention(json))
                .windows(Qwen2Family.windows(json))
                .read(modelType());
    }

    /** Each head of queries and keys is normalised before it is rotated. */
    private static Attention.Parts projections(LlamaConfig config, Weights weights, Attention.Parts begun) {
        return LlamaLayout.separate(config, weights, begun)
                .norms(
                        RmsNorm.load(weights.at("q_norm"), config.headSize(), config.normEpsilon()),
                        RmsNorm.load(weights.at("k_norm"), config.headSize(), config.normEpsilon()),
                        true);
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config).projections(Qwen3Family::projections);
    }

    @Override
    public List<HeadKind<?>> heads() {
        return List.of(LanguageHead.kind("Qwen3ForCausalLM"), SequenceHead.kind("Qwen3ForSequenceClassification"));
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("q_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING", List.of("post_attention_layernorm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
