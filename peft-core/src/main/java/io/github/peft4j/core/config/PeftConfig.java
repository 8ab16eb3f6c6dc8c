package io.github.peft4j.core.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one fine-tuning method, in memory as in {@code adapter_config.json}; a {@link ConfigSchema} tells which there are. Implementations are
 * records of {@code common} and {@code values} that check these, and name single settings for those who write Java.
 */
public interface PeftConfig {

    /** What the configs of all methods have. */
    CommonSettings common();

    /** What the method's own settings are set to. */
    SettingValues values();

    /** The value of one of the method's own settings. */
    default <T extends @Nullable Object> T get(Setting<T> setting) {
        return values().get(setting);
    }

    /** The value of {@code peft_type}, for example {@code LORA}. */
    default String peftType() {
        return values().schema().peftType();
    }

    /**
     * The method's own settings by Hugging Face's names: null, truth values, numbers, text, lists and maps of these. Numbers that are
     * whole in Hugging Face's files are {@code Integer} or {@code Long}, others {@code Double}.
     */
    default Map<String, @Nullable Object> settings() {
        return values().schema().json(common(), values());
    }

    /** The same settings with other common ones. */
    default PeftConfig withCommon(CommonSettings other) {
        return values().schema().make(other, values());
    }
}
