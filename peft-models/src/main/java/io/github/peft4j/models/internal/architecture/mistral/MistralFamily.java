package io.github.peft4j.models.internal.architecture.mistral;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import java.util.List;

/** Mistral checkpoints; follows Hugging Face's {@code modeling_mistral.py}. */
public final class MistralFamily implements LlamaLike {

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        return new LlamaVariant(json)
                .keyValueHeads(8)
                .maxPositions(131072)
                .window(LayerTypes.windowOr(4096, json))
                .read(modelType());
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("MistralForCausalLM"), SequenceHead.kind("MistralForSequenceClassification"));
    }
}
