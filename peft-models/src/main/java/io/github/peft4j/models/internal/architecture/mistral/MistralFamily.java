package io.github.peft4j.models.internal.architecture.mistral;

import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;

/** Mistral checkpoints; follows Hugging Face's {@code modeling_mistral.py}. */
public final class MistralFamily extends LlamaLike {

    /** For the registry of architectures. */
    public MistralFamily() {
        super(
                "mistral",
                "Mistral",
                json -> new LlamaVariant(json)
                        .keyValueHeads(8)
                        .maxPositions(131072)
                        .window(LayerTypes.windowOr(4096, json)));
    }
}
