package io.github.peft4j.models.internal.architecture.qwen3;

import io.github.peft4j.models.internal.architecture.qwen2.Qwen2Family;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;

/** Qwen3 checkpoints; follows Hugging Face's {@code modeling_qwen3.py}. */
public final class Qwen3Family extends LlamaLike {

    /** For the registry of architectures. */
    public Qwen3Family() {
        super(
                "qwen3",
                "Qwen3",
                json -> new LlamaVariant(json)
                        .keyValueHeads(32)
                        .maxPositions(32768)
                        .headSize(128)
                        .biases(LlamaConfig.Biases.ofAttention(json))
                        .windows(Qwen2Family.windows(json)));
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config).projections(LlamaLayout.normedHeads(RmsNorm::load));
    }
}
