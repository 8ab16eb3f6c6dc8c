package io.github.peft4j.methods.ptuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.ToyPrompts;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Virtual tokens from an LSTM. */
class PTuningLstmContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return PTuningConfig.builder(3)
                .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 24)
                .set(PTuningConfig.ENCODER_DROPOUT, 0.2)
                .modulesToSave(ToyPrompts.finalNorm(model))
                .build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return ToyPrompts.withFinalNorm(model, ToyPrompts.embeddings(model, 3));
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected boolean merges() {
        return false;
    }

    /** The long steps of finite differences cross kinks of ReLU; golden tests compare these gradients with torch's own. */
    @Override
    protected double gradientTolerance(String key) {
        return 0.1;
    }
}
