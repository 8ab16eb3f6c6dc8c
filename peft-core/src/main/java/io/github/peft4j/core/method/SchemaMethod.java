package io.github.peft4j.core.method;

import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.SchemaConfig;

/**
 * A method whose settings are told by a {@link ConfigSchema}.
 *
 * @param <C> its config
 */
public interface SchemaMethod<C extends SchemaConfig> extends PeftMethod<C> {

    /** Its settings. */
    ConfigSchema<C> schema();

    @Override
    default String peftType() {
        return schema().peftType();
    }

    @Override
    default C read(ConfigValues values) {
        return schema().read(values);
    }
}
