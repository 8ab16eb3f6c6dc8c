package io.github.peft4j.models;

import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An architecture as one kind of model: how to build its modules from a config and a checkpoint. Found by {@code model_type} and kind
 * among the services of this type; an architecture that is also a classifier, say, is one more service.
 */
public interface ModelFamily {

    /** A pattern that matches no name. */
    Pattern NONE = Pattern.compile("(?!)");

    /** Hugging Face's {@code model_type}, for example {@code llama}. */
    String modelType();

    /** The kind of model that {@link #build} returns. */
    default Class<? extends Model> kind() {
        return CausalLm.class;
    }

    /** Hugging Face's class of this kind of model, for example {@code LlamaForCausalLM}. */
    String className();

    /**
     * Whether a checkpoint of one of Hugging Face's classes can be built as this kind: of its own class, and of the model without a
     * head.
     *
     * @param architecture the class that the config names
     */
    default boolean reads(String architecture) {
        String bare = className().replaceFirst("(For|LMHead)\\w+$", "Model");
        return architecture.equalsIgnoreCase(className()) || architecture.equalsIgnoreCase(bare);
    }

    /**
     * Reads the sizes.
     *
     * @throws IllegalArgumentException if the config lacks a key, holds a bad value or asks for something that is not implemented
     */
    ModelConfig config(ConfigJson json);

    /** Builds the model; problems with tensors are noted in {@code weights}. */
    Model build(ModelConfig config, Weights weights);

    /** Full names of tensors that checkpoints of this kind may hold and that are not used. */
    default Pattern unusedTensors() {
        return NONE;
    }

    /** Hugging Face's customary module names by purpose. */
    Map<String, List<String>> targets();
}
