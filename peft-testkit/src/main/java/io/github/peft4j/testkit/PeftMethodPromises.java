package io.github.peft4j.testkit;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.internal.FiniteDifferences;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a fine-tuning method says about itself, for {@link PeftMethodContract} to hold it to. */
abstract class PeftMethodPromises {

    /** For {@link PeftMethodContract}. */
    PeftMethodPromises() {}

    /**
     * The settings to test on a model.
     *
     * @return a new adapter's config
     */
    protected abstract PeftConfig config(ToyModel model);

    /**
     * What the adapter's file holds for a model, as Hugging Face PEFT writes it.
     *
     * @return shapes by full key
     */
    protected abstract Map<String, List<Long>> savedTensors(ToyModel model);

    /** The models to test on: grouped keys and values; ALiBi, fused projections and biases; transposed weights. */
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.BLOOM, ToyModel.GPT2);
    }

    /** Whether a fresh adapter leaves the model's output as it is. */
    protected boolean startsAsBase() {
        return true;
    }

    /** How far a fresh adapter's output may be from the base model's, as a share of the largest; 0 for not at all. */
    protected double startTolerance() {
        return 0;
    }

    /** Whether the adapter can be merged into the weights. */
    protected boolean merges() {
        return true;
    }

    /** Whether a saved adapter goes on training as if it had never been saved. */
    protected boolean resumesFromFile() {
        return true;
    }

    /** The learning rate that a few steps lower the loss with. */
    protected double learningRate() {
        return 1e-2;
    }

    /**
     * How far a gradient may be from finite differences, relative. More than the default only for methods that hold something fixed in
     * the backward pass by design.
     *
     * @param key the parameter's
     */
    protected double gradientTolerance(String key) {
        return 2e-2;
    }

    /**
     * How far a parameter goes at most when its gradient is compared with finite differences. Less than the default only for parameters
     * that change the output so much that the loss is not nearly linear so far.
     */
    protected double longestStep() {
        return FiniteDifferences.LONGEST_STEP;
    }

    /** What the message says that refuses a second adapter of the same config, or null if there may be one. */
    protected @Nullable String refusalOfASecond(ToyModel model) {
        return null;
    }

    /** Whether first values are drawn at random, so that they depend on the seed. */
    protected boolean drawsFirstValues() {
        return true;
    }
}
