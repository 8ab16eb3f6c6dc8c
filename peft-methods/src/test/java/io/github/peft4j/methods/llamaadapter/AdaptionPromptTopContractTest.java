package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** One token in the uppermost block alone: below it nothing needs a gradient. */
class AdaptionPromptTopContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return AdaptionPromptConfig.builder(2, 1).targetModules("self_attn").build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA);
    }

    @Override
    protected boolean merges() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        String path = "base_model.model.model.layers.1.self_attn.";
        return Map.of(
                path + "adaption_prompt",
                List.of(1L, 2L, (long) model.hiddenSize()),
                path + "adaption_gate",
                List.of(1L));
    }
}
