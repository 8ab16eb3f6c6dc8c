package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** DoRA of linear layers, with biases and with dropout, which takes another way through the layer. */
class DoraContractTest extends PeftMethodContract {

    private static final Map<ToyModel, String> LAYERS =
            Map.of(ToyModel.LLAMA, "mlp.down_proj", ToyModel.BLOOM, "mlp.dense_4h_to_h", ToyModel.GPT2, "mlp.c_fc");

    @Override
    protected PeftConfig config(ToyModel model) {
        return LoraConfig.builder(2, 3)
                .targetModules(LAYERS.get(model))
                .useDora(true)
                .bias(LayerSettings.Bias.ADAPTED)
                .loraDropout(model == ToyModel.BLOOM ? 0.2 : 0)
                .build();
    }

    @Override
    protected double startTolerance() {
        return 1e-6;
    }

    /** The norms that divide are held fixed in training, so the slope is another where they move. */
    @Override
    protected double gradientTolerance(String key) {
        return key.contains("lora_A") || key.contains("lora_B") ? 0.5 : super.gradientTolerance(key);
    }

    @Override
    protected @Nullable String refusalOfASecond(ToyModel model) {
        return model == ToyModel.LLAMA ? null : "LoraModel supports only 1 adapter with bias.";
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        LoraTensors tensors = new LoraTensors();
        String layer = LAYERS.get(model);
        switch (model) {
            case BLOOM ->
                tensors.linear(model, layer, 96, 24, 2)
                        .vector(model, layer, "lora_magnitude_vector", 24)
                        .vector(model, layer, "base_layer.bias", 24);
            case GPT2 ->
                tensors.linear(model, layer, 16, 64, 2)
                        .vector(model, layer, "lora_magnitude_vector", 64)
                        .vector(model, layer, "base_layer.bias", 64);
            default -> tensors.linear(model, layer, 24, 16, 2).vector(model, layer, "lora_magnitude_vector", 16);
        }
        return tensors.shapes();
    }
}
