package io.github.peft4j.models.internal.architecture.gemma;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;

/** Gemma checkpoints; follows Hugging Face's {@code modeling_gemma.py}. */
public final class GemmaFamily extends LlamaLike {

    private static final String DEFAULT_ACTIVATION = "gelu_pytorch_tanh";

    /** For the registry of architectures. */
    public GemmaFamily() {
        super("gemma", "Gemma", GemmaFamily::variant);
    }

    private static LlamaVariant variant(ConfigJson json) {
        String activation = json.textOr(DEFAULT_ACTIVATION, "hidden_act");
        return GemmaLayout.variant(json)
                .keyValueHeads(16)
                .maxPositions(8192)
                // The first releases say gelu and mean its approximation.
                .activation(ActivationFunction.of(activation.equals("gelu") ? DEFAULT_ACTIVATION : activation));
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights);
    }
}
