package io.github.peft4j.methods.lntuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Norms, the customary ones. */
class LnTuningContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LnTuningConfig.builder().build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        boolean llama = model != ToyModel.BLOOM && model != ToyModel.GPT2;
        List<String> norms = norms(model);
        for (int block = 0; block < 2; block++) {
            String path = "base_model.model." + (llama ? "model.layers." : "transformer.h.") + block + ".";
            norms.forEach(norm -> put(shapes, path + norm, model, llama));
        }
        if (norms.size() > 1) {
            put(shapes, "base_model.model." + (llama ? "model.norm" : "transformer.ln_f"), model, llama);
        }
        return shapes;
    }

    private static List<String> norms(ToyModel model) {
        return switch (model) {
            case QWEN2, QWEN3 -> List.of("post_attention_layernorm");
            case GPT2 -> List.of("ln_1", "ln_2");
            case GEMMA2 ->
                List.of(
                        "input_layernorm",
                        "post_attention_layernorm",
                        "pre_feedforward_layernorm",
                        "post_feedforward_layernorm");
            default -> List.of("input_layernorm", "post_attention_layernorm");
        };
    }

    private static void put(Map<String, List<Long>> shapes, String norm, ToyModel model, boolean llama) {
        List<Long> width = List.of((long) model.hiddenSize());
        shapes.put(norm + ".ln_tuning_layers.weight", width);
        if (!llama) {
            shapes.put(norm + ".ln_tuning_layers.bias", width);
        }
    }
}
