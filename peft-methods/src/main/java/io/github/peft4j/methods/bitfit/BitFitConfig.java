package io.github.peft4j.methods.bitfit;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.SettingValues;

/**
 * Settings of BitFit: {@code BitFitConfig.builder().build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2106.10199">Ben Zaken, Ravfogel and Goldberg 2022</a>
 */
public record BitFitConfig(CommonSettings common, SettingValues values)
        implements LayerSettings.Targets, LayerSettings.Exclusions, LayerSettings.Blocks, LayerSettings.WholeModules {

    public static final ConfigSchema<BitFitConfig> SCHEMA = ConfigSchema.of("BITFIT")
            .settings(LayerSettings.TARGET_MODULES, LayerSettings.EXCLUDE_MODULES)
            .settings(LayerSettings.LAYERS_TO_TRANSFORM, LayerSettings.LAYERS_PATTERN)
            .settings(LayerSettings.MODULES_TO_SAVE)
            .rule(LayerSettings::requireNames)
            .rule(LayerSettings::requireIndices)
            .build(BitFitConfig::new);

    /** Checks the settings and how they go together. */
    public BitFitConfig {
        values.requireValid(SCHEMA);
    }

    /** Starts settings; all have their defaults. */
    public static Builder builder() {
        return new Builder(SCHEMA.draft());
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<BitFitConfig> draft)
            implements ConfigBuilder<BitFitConfig, Builder>,
                    LayerSettings.TargetsBuilder<Builder>,
                    LayerSettings.ExclusionsBuilder<Builder>,
                    LayerSettings.BlocksBuilder<Builder>,
                    LayerSettings.WholeModulesBuilder<Builder> {}
}
