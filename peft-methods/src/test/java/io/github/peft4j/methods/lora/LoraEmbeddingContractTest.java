package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** LoRA of the token embedding, and of the head where it is tied to it: the two stay apart. */
class LoraEmbeddingContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        LoraConfig.Builder builder = LoraConfig.builder(2, 5.0).useRslora(true);
        return switch (model) {
            case BLOOM -> builder.targetModules("word_embeddings").build();
            case GPT2 -> builder.targetModules("wte", "wpe").build();
            default -> builder.targetModules("embed_tokens", "lm_head").build();
        };
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.LLAMA_TIED, ToyModel.BLOOM, ToyModel.GPT2);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        LoraTensors tensors = new LoraTensors();
        return switch (model) {
            case BLOOM ->
                tensors.embedding("transformer.word_embeddings", 48, 24, 2).shapes();
            case GPT2 ->
                tensors.embedding("transformer.wte", 48, 16, 2)
                        .embedding("transformer.wpe", 64, 16, 2)
                        .shapes();
            default ->
                tensors.embedding("model.embed_tokens", 48, 16, 2)
                        .put("model.embed_tokens.base_layer.weight", 48L, 16L)
                        .put("lm_head.lora_A.weight", 2L, 16L)
                        .put("lm_head.lora_B.weight", 48L, 2L)
                        .put("lm_head.base_layer.weight", 48L, 16L)
                        .shapes();
        };
    }
}
