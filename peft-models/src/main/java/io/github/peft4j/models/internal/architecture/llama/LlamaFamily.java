package io.github.peft4j.models.internal.architecture.llama;

import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;

/** Llama checkpoints; follows Hugging Face's {@code modeling_llama.py}. */
public final class LlamaFamily extends LlamaLike {

    /** For the registry of architectures. */
    public LlamaFamily() {
        super("llama", "Llama", json -> new LlamaVariant(json).biases(LlamaConfig.Biases.of(json)));
    }
}
