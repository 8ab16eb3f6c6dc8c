package io.github.peft4j.models.internal.architecture.gemma;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** Gemma checkpoints; follows Hugging Face's {@code modeling_gemma.py}. */
public final class GemmaFamily implements LlamaLike {

    private static final String DEFAULT_ACTIVATION = "gelu_pytorch_tanh";

    @Override
    public String modelType() {
        return "gemma";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        String activation = json.textOr(DEFAULT_ACTIVATION, "hidden_act");
        return GemmaLayout.variant(json)
                .keyValueHeads(16)
                .maxPositions(8192)
                // The first releases say gelu and mean its approximation.
                .activation(ActivationFunction.of(activation.equals("gelu") ? DEFAULT_ACTIVATION : activation))
                .read(modelType());
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("GemmaForCausalLM"), SequenceHead.kind("GemmaForSequenceClassification"));
    }
}
