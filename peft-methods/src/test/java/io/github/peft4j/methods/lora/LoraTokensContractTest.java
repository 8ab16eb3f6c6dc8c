package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** LoRA with tokens that are trained one by one: of an embedding and an output layer apart, and of tied ones. */
class LoraTokensContractTest extends PeftMethodContract {

    private static final String KEY = ".token_adapter.trainable_tokens_delta";

    @Override
    protected PeftConfig config(ToyModel model) {
        LoraConfig.Builder builder = LoraConfig.builder(2, 4);
        return switch (model) {
            case LLAMA ->
                builder.trainableTokenIndices(Map.of("embed_tokens", List.of(25, 14), "lm_head", List.of(5, 45, 46)))
                        .build();
            case QWEN2 ->
                builder.targetModules("q_proj", "v_proj", "lm_head")
                        .trainableTokenIndices(25, 14)
                        .build();
            default -> builder.trainableTokenIndices(25, 14, 4).build();
        };
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.QWEN2, ToyModel.BLOOM, ToyModel.GPT2);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        LoraTensors tensors = LoraTensors.ofDefaults(model, 2);
        return switch (model) {
            case LLAMA ->
                tensors.put("model.embed_tokens" + KEY, 2L, 16L)
                        .put("lm_head" + KEY, 3L, 16L)
                        .shapes();
            case QWEN2 ->
                tensors.put("model.embed_tokens" + KEY, 2L, 16L)
                        .put("lm_head.lora_A.weight", 2L, 16L)
                        .put("lm_head.lora_B.weight", 48L, 2L)
                        .shapes();
            case BLOOM ->
                tensors.put("transformer.word_embeddings" + KEY, 3L, 24L).shapes();
            default -> tensors.put("transformer.wte" + KEY, 3L, 16L).shapes();
        };
    }
}
