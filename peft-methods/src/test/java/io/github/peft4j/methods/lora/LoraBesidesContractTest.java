package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What LoRA trains besides: layers whole, biases of the model, biases of updates; with dropout. */
class LoraBesidesContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        LoraConfig.Builder builder = LoraConfig.builder(2, 4).loraDropout(0.1);
        return switch (model) {
            case BLOOM -> builder.bias(LayerSettings.Bias.ALL).build();
            case GPT2 -> builder.loraBias(true).modulesToSave("lm_head", "ln_f").build();
            case QWEN2 ->
                builder.loraBias(true).bias(LayerSettings.Bias.ADAPTED).build();
            default -> builder.modulesToSave("model.norm", "gate_proj").build();
        };
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.QWEN2, ToyModel.BLOOM, ToyModel.GPT2);
    }

    @Override
    protected @Nullable String refusalOfASecond(ToyModel model) {
        return model == ToyModel.LLAMA || model == ToyModel.GPT2
                ? null
                : "LoraModel supports only 1 adapter with bias.";
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        LoraTensors tensors = LoraTensors.ofDefaults(model, 2);
        return switch (model) {
            case BLOOM ->
                tensors.vector(model, "self_attention.query_key_value", "base_layer.bias", 72)
                        .vector(model, "self_attention.dense", "bias", 24)
                        .vector(model, "input_layernorm", "bias", 24)
                        .vector(model, "post_attention_layernorm", "bias", 24)
                        .vector(model, "mlp.dense_h_to_4h", "bias", 96)
                        .vector(model, "mlp.dense_4h_to_h", "bias", 24)
                        .put("transformer.word_embeddings_layernorm.bias", 24L)
                        .put("transformer.ln_f.bias", 24L)
                        .shapes();
            case GPT2 ->
                tensors.vector(model, "attn.c_attn", "lora_B.bias", 48)
                        .put("lm_head.weight", 48L, 16L)
                        .put("transformer.ln_f.weight", 16L)
                        .put("transformer.ln_f.bias", 16L)
                        .shapes();
            case QWEN2 ->
                tensors.vector(model, "self_attn.q_proj", "lora_B.bias", 16)
                        .vector(model, "self_attn.v_proj", "lora_B.bias", 8)
                        .vector(model, "self_attn.q_proj", "base_layer.bias", 16)
                        .vector(model, "self_attn.v_proj", "base_layer.bias", 8)
                        .shapes();
            default ->
                tensors.put("model.norm.weight", 16L)
                        .put("model.layers.0.mlp.gate_proj.weight", 24L, 16L)
                        .put("model.layers.1.mlp.gate_proj.weight", 24L, 16L)
                        .shapes();
        };
    }
}
