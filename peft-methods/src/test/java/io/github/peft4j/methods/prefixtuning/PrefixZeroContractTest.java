package io.github.peft4j.methods.prefixtuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Keys and values that begin at zero, and a norm that is trained whole. */
class PrefixZeroContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PrefixTuningConfig.builder(2)
                .set(PrefixTuningConfig.INIT_WEIGHTS, PrefixTuningConfig.ZERO)
                .modulesToSave(ToyPrompts.finalNorm(model))
                .build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return ToyPrompts.withFinalNorm(model, ToyPrompts.keysAndValues(model, 2));
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
    protected boolean drawsFirstValues() {
        return false;
    }
}
