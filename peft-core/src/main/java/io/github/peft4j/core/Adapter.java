package io.github.peft4j.core;

import io.github.peft4j.models.kernel.Weight;
import java.util.Map;
import java.util.Optional;

/** One adapter in a model: what {@link PeftModel} needs of it, whatever its method. */
public interface Adapter {

    /** What Hugging Face puts before a module's path in adapter files: {@code base_model.model.model.layers.0...}. */
    String KEY_PREFIX = "base_model.model.";

    /** The config as it is saved: what the method settled while attaching is filled in. */
    PeftConfig config();

    /** What is saved, by its full key in the adapter file; in Hugging Face's shapes. */
    Map<String, Weight> parameters();

    /** The weights that training changes; usually those saved, more where a method saves what it computes from them. */
    default Map<String, Weight> trainable() {
        return parameters();
    }

    /** Called before {@link #parameters} are saved, by methods that save what they compute. */
    default void beforeSave() {}

    /** Called after {@link #parameters} got saved values. */
    default void afterLoad() {}

    /** Off: the model computes what it did without this adapter, to the bit. */
    void setEnabled(boolean enabled);

    /** Whether it is on. */
    boolean isEnabled();

    /** Takes the adapter out of the model; the model is as before. */
    void remove();

    /** How to merge it into the weights, if it can be. */
    default Optional<Mergeable> mergeable() {
        return Optional.empty();
    }
}
