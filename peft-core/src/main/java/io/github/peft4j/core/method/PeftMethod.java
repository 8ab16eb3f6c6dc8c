package io.github.peft4j.core.method;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.models.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A way to fine-tune with few parameters: reads its config and puts adapters into models. Found by {@code peft_type} among the
 * services of this type; see {@link PeftMethods}. Most are {@link SchemaMethod}s.
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
    default Defaults defaults() {
        return Defaults.USUAL;
    }

    /** How to make one adapter of several, if that can be done. */
    default Optional<Combinable> combinable() {
        return Optional.empty();
    }

    /**
     * Where to begin with a method when nothing else is known. The more weights a method trains, and the nearer to the model's own they are, the smaller
     * its learning rate.
     *
     * @param learningRate the highest of a run, for models of ordinary size: that of Hugging Face PEFT's examples and of the paper, rounded
     * @param trial what shows the method at work on a small model in a short time
     */
    record Defaults(double learningRate, Trial trial) {

        /** Those of a method that says nothing about itself. */
        public static final Defaults USUAL = new Defaults(1e-3, new Trial(200, 5e-3, Map.of()));

        /**
         * A short run over a model of some hundred thousand to some million parameters.
         *
         * @param steps optimizer steps
         * @param learningRate the highest
         * @param settings of the method, in place of what is usual: keys and values of {@code adapter_config.json}
         */
        public record Trial(long steps, double learningRate, Map<String, ? extends @Nullable Object> settings) {

            /** Copies the settings. */
            public Trial {
                settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
            }
        }
    }
}
