package io.github.peft4j.methods.lntuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Norms beside a layer that is trained whole; the one above keeps its own. */
class LnTuningBesidesContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LnTuningConfig.builder()
                .targetModules(model == ToyModel.LLAMA ? "input_layernorm" : "ln_1")
                .modulesToSave("lm_head")
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.GPT2);
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        boolean llama = model == ToyModel.LLAMA;
        List<Long> width = List.of((long) model.hiddenSize());
        for (int block = 0; block < 2; block++) {
            String path = "base_model.model."
                    + (llama ? "model.layers." + block + ".input_layernorm" : "transformer.h." + block + ".ln_1");
            shapes.put(path + ".ln_tuning_layers.weight", width);
            if (!llama) {
                shapes.put(path + ".ln_tuning_layers.bias", width);
            }
        }
        shapes.put("base_model.model.lm_head.weight", List.of((long) ToyModel.VOCABULARY, 16L));
        return shapes;
    }
}
