package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.lycoris.internal.LycorisSettings;

/**
 * Settings of low-rank Hadamard products, Hugging Face's {@code LoHaConfig}: {@code LohaConfig.builder(8, 16).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 */
public record LohaConfig(CommonSettings common, SettingValues values) implements LycorisSettings<LohaConfig> {

    public static final Setting<Boolean> INIT_WEIGHTS =
            Setting.flag("init_weights", true, "false: B2 begins uniform too, for tests");

    public static final ConfigSchema<LohaConfig> SCHEMA =
            LycorisSettings.schema("LOHA").settings(INIT_WEIGHTS).build(LohaConfig::new);

    /** Checks the settings and how they go together. */
    public LohaConfig {
        values.requireValid(SCHEMA);
    }

    /** Starts settings with the two that matter most; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int r, Number alpha) {
        return new Builder(SCHEMA.draft()).set(R, r).set(ALPHA, alpha);
    }

    @Override
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<LohaConfig> draft)
            implements LycorisSettings.Builder<LohaConfig, Builder> {}
}
