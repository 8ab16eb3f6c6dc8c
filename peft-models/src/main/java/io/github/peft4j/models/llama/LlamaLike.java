package io.github.peft4j.models.llama;

import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.nn.weights.Weights;
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
}
