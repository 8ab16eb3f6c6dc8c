package io.github.peft4j.core.config;

import org.jspecify.annotations.Nullable;

/**
 * Collects settings for those who write Java: {@code builder.set(VeraConfig.R, 256)}. Implementations are records of a draft. What many
 * methods share has methods of its own beside, see {@link LayerSettings}, and so has what is easier said in another way than as its value.
 * Not safe for concurrent use.
 *
 * @param <C> the config
 * @param <B> the builder itself
 */
public interface ConfigBuilder<C extends PeftConfig, B extends ConfigBuilder<C, B>> extends Setting.Sink<B> {

    /** What was collected so far. */
    ConfigSchema.Draft<C> draft();

    /** What the configs of all methods have; whatever the model is for if not given. */
    @SuppressWarnings("unchecked")
    default B common(CommonSettings settings) {
        draft().common(settings);
        return (B) this;
    }

    @Override
    @SuppressWarnings("unchecked")
    default <T extends @Nullable Object> B set(Setting<T> setting, @Nullable T value) {
        draft().set(setting, value);
        return (B) this;
    }

    /**
     * The settings.
     *
     * @throws IllegalArgumentException if they are not valid or do not go together, all that is wrong in one message
     */
    default C build() {
        return draft().build();
    }
}
