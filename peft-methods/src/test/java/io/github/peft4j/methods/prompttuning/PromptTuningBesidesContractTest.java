package io.github.peft4j.methods.prompttuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Virtual tokens that begin as tokens, and a norm that is trained whole. */
class PromptTuningBesidesContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PromptTuningConfig.builder(4)
                .set(PromptTuningConfig.PROMPT_TUNING_INIT, PromptTuningConfig.Init.SAMPLE_VOCAB)
                .modulesToSave(ToyPrompts.finalNorm(model))
                .build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return ToyPrompts.withFinalNorm(model, ToyPrompts.embeddings(model, 4));
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected boolean merges() {
        return false;
    }
}
