package io.github.peft4j.training.internal.state;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.internal.DistinctWeights;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import io.github.peft4j.training.optimizer.internal.Depth;
import io.github.peft4j.training.optimizer.internal.GroupedWeights;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A model's own weights, all or some; what is saved is all of them.
 *
 * @param source the checkpoint folder it was loaded from: gives config and tokenizer
 */
public record TrainedModel(Model<?> model, ModelOrigin source) implements Trained {

    /** All weights, from now on trainable. */
    public static TrainedModel of(Model<?> model) {
        return of(model, ParameterGroups.NONE);
    }

    /**
     * The weights that groups do not freeze, from now on trainable, and no others.
     *
     * @throws IllegalArgumentException if the model was not loaded from a folder, or nothing is left to train
     * @throws UnsupportedOperationException if weights are quantized
     */
    public static TrainedModel of(Model<?> model, ParameterGroups groups) {
        TrainedModel trained = ofOrigin(model);
        Map<String, Weight> all = trained.all();
        Set<String> frozen = frozen(model, groups);
        requireSavable(all);
        try (Lease change = model.leases().change()) {
            all.forEach((name, weight) -> weight.setTrainable(!frozen.contains(name)));
        }
        return trained;
    }

    /**
     * The names of the weights that groups freeze.
     *
     * @throws IllegalArgumentException if nothing is left to train
     */
    public static Set<String> frozen(Model<?> model, ParameterGroups groups) {
        return new GroupedWeights(
                        groups, Depth.in(model), DistinctWeights.of(model).keySet())
                .frozen();
    }

    /** What is saved is a whole checkpoint in an ordinary format. */
    private static void requireSavable(Map<String, Weight> all) {
        for (Map.Entry<String, Weight> entry : all.entrySet()) {
            if (entry.getValue().packed() != null) {
                throw new UnsupportedOperationException("weight " + entry.getKey()
                        + " is quantized and cannot be trained, nor saved with those that are: load the model without"
                        + " quantization, or train an adapter");
            }
        }
    }

    private static TrainedModel ofOrigin(Model<?> model) {
        ModelOrigin origin = model.origin();
        if (origin == null) {
            throw new IllegalArgumentException(
                    "the model was not loaded from a folder, so there is no config and tokenizer"
                            + " to save with its weights: load it with Models.load, or call setOrigin");
        }
        return new TrainedModel(model, origin);
    }

    private Map<String, Weight> all() {
        return DistinctWeights.of(model);
    }

    @Override
    public Map<String, Weight> weights() {
        return model.trainableWeights();
    }

    @Override
    public Set<String> names() {
        return all().keySet();
    }

    @Override
    public Map<String, String> settings() {
        return Map.of();
    }

    @Override
    public void requireSavable() throws IOException {
        PretrainedFolder.requireReadable(sources());
    }

    private PretrainedFolder.Sources sources() {
        return new PretrainedFolder.Sources(source.folder(), source.folder(), model.head());
    }

    @Override
    public long parameters() {
        return model.parameterCount();
    }

    @Override
    public void save(Path folder) throws IOException {
        try (Lease pass = model.leases().pass();
                ClaimedFolder claim = ClaimedFolder.join(folder)) {
            PretrainedFolder.write(
                    all(), model.precision(), sources(), folder, source.config(), ShardedWriter.DEFAULT_SHARD_BYTES);
        }
    }

    @Override
    public Map<String, Map<String, Weight>> savedInFull() {
        return model.precision() == Precision.FLOAT32 ? Map.of("", weights()) : Map.of();
    }
}
