package io.github.peft4j.models.internal.architecture.llama;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import java.util.List;

/** Llama checkpoints; follows Hugging Face's {@code modeling_llama.py}. */
public final class LlamaFamily implements LlamaLike {

    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        return new LlamaVariant(json).biases(LlamaConfig.Biases.of(json)).read(modelType());
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("LlamaForCausalLM"), SequenceHead.kind("LlamaForSequenceClassification"));
    }
}
