package io.github.peft4j.models.llama;

import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** An architecture whose config has Llama's keys and whose parts have Llama's names; it says what it does in another way. */
public interface LlamaLike extends ModelFamily {

    @Override
    LlamaConfig config(ConfigJson json);

    /**
     * What is built, and in which way it differs from Llama.
     *
     * @param weights of the checkpoint, for what follows from their format
     */
    default LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config);
    }

    @Override
    default Weights tokenEmbedding(Weights root) {
        return LlamaLayout.tokenEmbedding(root);
    }

    @Override
    default Backbone backbone(ModelConfig config, Weights root) {
        return layout((LlamaConfig) config, root).backbone(root);
    }

    /** Tensors of old checkpoints that hold nothing but what the config says. */
    @Override
    default Pattern unusedTensors() {
        return LlamaLayout.UNUSED;
    }

    /**
     * Customary targets by Llama's names.
     *
     * @param scaled the projection whose outputs IA3 scales beside those of {@code v_proj}
     * @param norms those that are tuned where norms alone are
     */
    static Map<String, List<String>> targets(String scaled, String... norms) {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of(scaled, "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING", List.of(norms),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
