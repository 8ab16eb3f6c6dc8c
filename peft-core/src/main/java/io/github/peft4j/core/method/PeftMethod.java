package io.github.peft4j.core.method;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.models.Model;
import java.util.Optional;

/**
 * A way to fine-tune with few parameters: reads its config and puts adapters into models. Found by {@code peft_type} among the
 * services of this type; see {@link PeftMethods}.
 *
 * @param <C> its config
 */
public interface PeftMethod<C extends PeftConfig> {

    /** The value of {@code peft_type} in {@code adapter_config.json}, for example {@code LORA}. */
    String peftType();

    /** A name that people write, for example {@code lora}. */
    String name();

    /**
     * Reads a config; what is absent takes Hugging Face's default.
     *
     * @throws IllegalArgumentException if values are bad, all of them in one message
     * @throws UnsupportedOperationException if values ask for something that is not implemented, by name
     */
    C read(ConfigValues values);

    /**
     * Puts a new adapter into a model whose weights are frozen; on failure the model is as before.
     *
     * @throws IllegalArgumentException if the config does not fit the model
     */
    Adapter attach(Model<?> model, C config, AttachContext context);

    /** Where to begin when nothing else is known. */
    default MethodDefaults defaults() {
        return MethodDefaults.USUAL;
    }

    /** How to make one adapter of several, if that can be done. */
    default Optional<Combinable> combinable() {
        return Optional.empty();
    }
}
