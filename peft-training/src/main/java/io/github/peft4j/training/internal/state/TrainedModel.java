package io.github.peft4j.training.internal.state;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * All weights of a model.
 *
 * @param source the checkpoint folder it was loaded from: gives config and tokenizer
 */
public record TrainedModel(Model<?> model, ModelOrigin source) implements Trained {

    /** Makes every weight trainable. */
    public TrainedModel {
        try (Lease change = model.leases().change()) {
            model.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
        }
    }

    public static TrainedModel of(Model<?> model) {
        ModelOrigin origin = model.origin();
        if (origin == null) {
            throw new IllegalArgumentException(
                    "the model was not loaded from a folder, so there is no config and tokenizer"
                            + " to save with its weights: load it with Models.load, or call setOrigin");
        }
        return new TrainedModel(model, origin);
    }

    @Override
    public Map<String, Weight> weights() {
        return model.trainableWeights();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of();
    }

    @Override
    public void requireSavable() throws IOException {
        PretrainedFolder.requireReadable(PretrainedFolder.Sources.of(source.folder()));
    }

    @Override
    public void save(Path folder) throws IOException {
        try (Lease pass = model.leases().pass();
                ClaimedFolder claim = ClaimedFolder.join(folder)) {
            PretrainedFolder.write(
                    model.trainableWeights(),
                    model.precision(),
                    PretrainedFolder.Sources.of(source.folder()),
                    folder,
                    source.config(),
                    ShardedWriter.DEFAULT_SHARD_BYTES);
        }
    }

    @Override
    public Map<String, Map<String, Weight>> savedInFull() {
        return model.precision() == Precision.FLOAT32 ? Map.of("", weights()) : Map.of();
    }
}
