package io.github.peft4j.methods.prefixtuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Keys and values from a network. */
class PrefixProjectionContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PrefixTuningConfig.builder(3)
                .set(PrefixTuningConfig.PREFIX_PROJECTION, true)
                .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, 5)
                .build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return ToyPrompts.keysAndValues(model, 3);
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
