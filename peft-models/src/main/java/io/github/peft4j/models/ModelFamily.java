package io.github.peft4j.models;

import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An architecture: how to build its modules from a config and a checkpoint. Found by {@code model_type} among the services of this
 * type.
 */
public interface ModelFamily {

    /** Hugging Face's {@code model_type}, for example {@code llama}. */
    String modelType();

    /** Hugging Face's class of the causal model, for example {@code LlamaForCausalLM}. */
    String className();

    /**
     * Reads the sizes.
     *
     * @throws IllegalArgumentException if the config lacks a key, holds a bad value or asks for something that is not implemented
     */
    ModelConfig config(ConfigJson json);

    /** Builds the model; problems with tensors are noted in {@code weights}. */
    Model build(ModelConfig config, Weights weights);

    /** Full names of tensors that checkpoints of this kind may hold and that are not used. */
    Pattern unusedTensors();

    /** Hugging Face's customary module names by purpose. */
    Map<String, List<String>> targets();
}
