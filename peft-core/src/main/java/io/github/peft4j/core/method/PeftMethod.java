package io.github.peft4j.core.method;

import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.models.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A way to fine-tune with few parameters: tells its settings and puts adapters into models. Found by {@code peft_type} among the
 * services of this type; see {@link PeftMethods}.
 *
 * @param <C> its config
 */
public abstract class PeftMethod<C extends PeftConfig> {

    private final String name;
    private final ConfigSchema<C> schema;
    private final Defaults defaults;

    /**
     * A method.
     *
     * @param name a name that people write, for example {@code lora}
     * @param schema its settings
     * @param defaults where to begin when nothing else is known
     */
    protected PeftMethod(String name, ConfigSchema<C> schema, Defaults defaults) {
        this.name = name;
        this.schema = schema;
        this.defaults = defaults;
    }

    /** The name that people write. */
    public final String name() {
        return name;
    }

    /** Its settings. */
    public final ConfigSchema<C> schema() {
        return schema;
    }

    /** The value of {@code peft_type} in {@code adapter_config.json}, for example {@code LORA}. */
    public final String peftType() {
        return schema.peftType();
    }

    /** Where to begin when nothing else is known. */
    public final Defaults defaults() {
        return defaults;
    }

    /**
     * Puts a new adapter into a model whose weights are frozen; on failure the model is as before.
     *
     * @throws IllegalArgumentException if the config does not fit the model
     */
    public abstract Adapter attach(Model<?> model, C config, AttachContext context);

    /** How to make one adapter of several, if that can be done. */
    public Optional<Combinable> combinable() {
        return Optional.empty();
    }

    /**
     * Where to begin with a method when nothing else is known. The more weights a method trains, and the nearer to the model's own they are, the smaller
     * its learning rate.
     *
     * @param learningRate the highest of a run, for models of ordinary size: that of Hugging Face PEFT's examples and of the paper, rounded
     * @param trial what shows the method at work on a small model in a short time
     */
    public record Defaults(double learningRate, Trial trial) {

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
