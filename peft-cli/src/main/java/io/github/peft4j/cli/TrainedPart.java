package io.github.peft4j.cli;

import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.PeftConfig;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What of a model is trained: a new adapter, a saved one, or all of it.
 *
 * @param method the method's name on the command line
 * @param config the settings of a new adapter, or null
 * @param saved the folder of a saved adapter, or null
 */
record TrainedPart(
        String method,
        @Nullable PeftConfig config,
        @Nullable Path saved) {

    /** Every weight. */
    static TrainedPart full() {
        return new TrainedPart(MethodDefaults.FULL, null, null);
    }

    /**
     * Puts the adapter into a model, trainable.
     *
     * @return the model with its adapter, or null if all of the model is trained
     * @throws BadInput if the settings do not fit the model
     * @throws IOException if the saved adapter cannot be read or does not fit
     */
    @Nullable
    PeftModel<?> attach(Model<?> base, long seed) throws IOException {
        if (saved != null) {
            Path folder = saved;
            return BadInput.when(() -> {
                PeftModel<?> peft = PeftModel.load(base, folder);
                peft.setTrainable(AttachContext.DEFAULT_NAME);
                return peft;
            });
        }
        if (config == null) {
            return null;
        }
        PeftConfig trained =
                config.withCommon(config.common().withBaseModel(null).withInferenceMode(false));
        return BadInput.when(() -> PeftModel.attach(base, trained, AttachContext.of(seed)));
    }

    /** As {@link #attach}, ready to be trained. */
    FineTuner tuner(Model<?> base, TrainingConfig settings) throws IOException {
        PeftModel<?> peft = attach(base, settings.seed());
        return BadInput.when(() -> peft == null ? FineTuner.full(base, settings) : FineTuner.of(peft, settings));
    }
}
