package io.github.peft4j.testkit;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** What the tests of {@link PeftMethodContract} begin with: toy models, and adapters on them, fresh or trained. */
abstract class PeftMethodStage extends PeftMethodPromises {

    /** Steps after which an adapter changes the model's output. */
    static final int STEPS = 3;

    static final double CLOSE = 1e-5;

    @TempDir
    private Path folder;

    Model<?> load(ToyModel model, Precision precision) {
        return model.open(folder.resolve(model.name()), precision);
    }

    Model<?> load(ToyModel model) {
        return load(model, Precision.FLOAT32);
    }

    PeftModel<?> attach(ToyModel model, Model<?> base) {
        return PeftModel.attach(base, config(model), AttachContext.of(7));
    }

    static Map<String, Weight> trainable(PeftModel<?> peft) {
        return peft.adapter().trainable();
    }

    void train(PeftModel<?> peft, int steps) {
        ToyTraining.train(peft, steps, learningRate());
    }

    PeftModel<?> trained(ToyModel model, Model<?> base) {
        PeftModel<?> peft = attach(model, base);
        train(peft, STEPS);
        return peft;
    }
}
