package io.github.peft4j.models.internal.architecture.qwen3;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.architecture.qwen2.Qwen2Family;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** Qwen3 checkpoints; follows Hugging Face's {@code modeling_qwen3.py}. */
public final class Qwen3Family implements LlamaLike {

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        return new LlamaVariant(json)
                .keyValueHeads(32)
                .maxPositions(32768)
                .headSize(128)
                .biases(LlamaConfig.Biases.ofAttention(json))
                .windows(Qwen2Family.windows(json))
                .read(modelType());
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config).projections(LlamaLayout.normedHeads(RmsNorm::load));
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("Qwen3ForCausalLM"), SequenceHead.kind("Qwen3ForSequenceClassification"));
    }
}
