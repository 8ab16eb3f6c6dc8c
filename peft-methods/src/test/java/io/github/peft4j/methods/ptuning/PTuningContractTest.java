package io.github.peft4j.methods.ptuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Virtual tokens from a perceptron. */
class PTuningContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PTuningConfig.builder(3)
                .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 48)
                .build();
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
        return ToyLayers.ofTheFirstArchitectures();
    }

    /** The long steps of finite differences cross kinks of ReLU; golden tests compare these gradients with torch's own. */
    @Override
    protected double gradientTolerance(String key) {
        return 0.1;
    }
}
