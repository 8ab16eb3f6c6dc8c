package io.github.peft4j.core.method;

import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.SchemaConfig;
import io.github.peft4j.core.config.internal.ConfigValues;

/**
 * A method whose settings are told by a {@link ConfigSchema}. What is left to say is how it adapts a model: {@link #attach}.
 *
 * @param <C> its config
 */
public abstract class SchemaMethod<C extends SchemaConfig> implements PeftMethod<C> {

    private final String name;
    private final ConfigSchema<C> schema;
    private final Defaults defaults;

    /**
     * A method.
     *
     * @param name a name that people write, for example {@code lora}
     * @param defaults where to begin when nothing else is known
     */
    protected SchemaMethod(String name, ConfigSchema<C> schema, Defaults defaults) {
        this.name = name;
        this.schema = schema;
        this.defaults = defaults;
    }

    /** Its settings. */
    public final ConfigSchema<C> schema() {
        return schema;
    }

    @Override
    public final String peftType() {
        return schema.peftType();
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final C read(ConfigValues values) {
        return schema.read(values);
    }

    @Override
    public final Defaults defaults() {
        return defaults;
    }
}
