package io.github.peft4j.methods.prompttuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Random virtual tokens. */
class PromptTuningContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PromptTuningConfig.builder(3).build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return ToyPrompts.embeddings(model, 3);
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected boolean merges() {
        return false;
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }
}
