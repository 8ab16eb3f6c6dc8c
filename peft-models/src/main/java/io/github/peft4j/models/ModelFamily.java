package io.github.peft4j.models;

import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An architecture: how to build its modules from a config and a checkpoint, and which heads it can have. Found by {@code model_type} among the
 * services of this type.
 */
public interface ModelFamily {

    /** A pattern that matches no name. */
    Pattern NONE = Pattern.compile("(?!)");

    /** Hugging Face's {@code model_type}, for example {@code llama}. */
    String modelType();

    /**
     * Reads the sizes.
     *
     * @throws IllegalArgumentException if the config lacks a key, holds a bad value or asks for something that is not implemented
     */
    ModelConfig config(ConfigJson json);

    /** Where a checkpoint has the token embedding's weight. */
    Weights tokenEmbedding(Weights root);

    /** Builds all but the head; problems with tensors are noted in {@code root}. */
    Backbone backbone(ModelConfig config, Weights root);

    /** The heads it can have, the usual one first. */
    List<Head.Kind<?>> heads();

    /** Full names of tensors that its checkpoints may hold and that are not used, whatever the head. */
    default Pattern unusedTensors() {
        return NONE;
    }
}
