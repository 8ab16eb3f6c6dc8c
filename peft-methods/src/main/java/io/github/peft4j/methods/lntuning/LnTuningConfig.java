package io.github.peft4j.methods.lntuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.SettingValues;

/**
 * Settings of the tuning of norms, Hugging Face's {@code LNTuningConfig}: {@code LnTuningConfig.builder().build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2312.11420">Zhao et al. 2024</a>
 */
public record LnTuningConfig(CommonSettings common, SettingValues values)
        implements LayerSettings.Targets, LayerSettings.Exclusions, LayerSettings.WholeModules {

    public static final ConfigSchema<LnTuningConfig> SCHEMA = ConfigSchema.of("LN_TUNING")
            .settings(LayerSettings.TARGET_MODULES, LayerSettings.EXCLUDE_MODULES, LayerSettings.MODULES_TO_SAVE)
            .build(LnTuningConfig::new);

    /** Checks the settings and how they go together. */
    public LnTuningConfig {
        values.requireValid(SCHEMA);
    }

    /** Starts settings; all have Hugging Face PEFT's defaults. */
    public static Builder builder() {
        return new Builder(SCHEMA.draft());
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<LnTuningConfig> draft)
            implements ConfigBuilder<LnTuningConfig, Builder>,
                    LayerSettings.TargetsBuilder<Builder>,
                    LayerSettings.ExclusionsBuilder<Builder>,
                    LayerSettings.WholeModulesBuilder<Builder> {}
}
