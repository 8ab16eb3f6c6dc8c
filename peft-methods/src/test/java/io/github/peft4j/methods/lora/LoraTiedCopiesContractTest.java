package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** LoRA that trains the embedding whole, with the output layer that is tied to it. */
class LoraTiedCopiesContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LoraConfig.builder(2, 4)
                .modulesToSave(model == ToyModel.QWEN2 ? "embed_tokens" : "lm_head")
                .ensureWeightTying(true)
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA_TIED, ToyModel.QWEN2, ToyModel.BLOOM, ToyModel.GPT2);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        String embedding = switch (model) {
            case BLOOM -> "transformer.word_embeddings";
            case GPT2 -> "transformer.wte";
            default -> "model.embed_tokens";
        };
        return LoraTensors.ofDefaults(model, 2)
                .put(embedding + ".weight", 48L, (long) model.hiddenSize())
                .put("lm_head.weight", 48L, (long) model.hiddenSize())
                .shapes();
    }
}
