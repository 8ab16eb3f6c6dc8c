package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class AdaptionPromptContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return AdaptionPromptConfig.of(3, 2);
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected boolean merges() {
        return false;
    }

    /** A gate multiplies an outcome of tokens far larger than these models' own. */
    @Override
    protected double longestStep() {
        return 0.01;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        String attention = switch (model) {
            case BLOOM -> "transformer.h.%d.self_attention.";
            case GPT2 -> "transformer.h.%d.attn.";
            default -> "model.layers.%d.self_attn.";
        };
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int layer = 0; layer < 2; layer++) {
            String path = "base_model.model." + attention.formatted(layer);
            shapes.put(path + "adaption_prompt", List.of(1L, 3L, (long) model.hiddenSize()));
            shapes.put(path + "adaption_gate", List.of(1L));
        }
        return shapes;
    }
}
