package io.github.peft4j.core.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A config whose settings are told by a {@link ConfigSchema}. Implementations are records of {@code common} and {@code values} that check
 * these, and name single settings for those who write Java.
 */
public interface SchemaConfig extends PeftConfig {

    /** What the settings are set to. */
    SettingValues values();

    /** The value of a setting. */
    default <T extends @Nullable Object> T get(Setting<T> setting) {
        return values().get(setting);
    }

    @Override
    default String peftType() {
        return values().schema().peftType();
    }

    @Override
    default Map<String, @Nullable Object> settings() {
        return values().schema().json(common(), values());
    }

    @Override
    default PeftConfig withCommon(CommonSettings other) {
        return values().schema().make(other, values());
    }
}
