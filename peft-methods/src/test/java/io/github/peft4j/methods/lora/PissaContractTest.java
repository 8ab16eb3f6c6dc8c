package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Adapters that take their first values out of the weights: PiSSA, with DoRA on one model, and OLoRA. */
class PissaContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        LoraConfig.Builder builder = LoraConfig.builder(4, 6);
        return switch (model) {
            case BLOOM ->
                builder.initLoraWeights("pissa").useDora(true).loraDropout(0.1).build();
            case GPT2 -> builder.initLoraWeights("olora").build();
            default -> builder.initLoraWeights("pissa_niter_3").build();
        };
    }

    @Override
    protected double startTolerance() {
        return 1e-5;
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    /** For DoRA: see {@link DoraContractTest}. */
    @Override
    protected double gradientTolerance(String key) {
        return key.contains("lora_A") || key.contains("lora_B") ? 0.5 : super.gradientTolerance(key);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        LoraTensors tensors = LoraTensors.ofDefaults(model, 4);
        if (model == ToyModel.BLOOM) {
            tensors.vector(model, "self_attention.query_key_value", "lora_magnitude_vector", 72);
        }
        return tensors.shapes();
    }
}
