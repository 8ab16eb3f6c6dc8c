package io.github.peft4j.methods.vera;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.internal.layers.BiasSetting;
import io.github.peft4j.methods.internal.layers.RankSettings;

/**
 * Settings of VeRA, Hugging Face's {@code VeraConfig}: {@code VeraConfig.builder().set(VeraConfig.R, 256).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2310.11454">Kopiczko, Blankevoort and Asano 2024</a>
 */
public record VeraConfig(CommonSettings common, SettingValues values)
        implements LayerSettings.Targets, LayerSettings.Blocks, LayerSettings.WholeModules {

    public static final Setting<Integer> R = RankSettings.rank(256, "rank R of the shared matrices");
    public static final Setting<Integer> PROJECTION_PRNG_KEY =
            Setting.integer("projection_prng_key", 0, "the seed that A and B are drawn with");
    public static final Setting<Boolean> SAVE_PROJECTION = Setting.flag(
            "save_projection", true, "whether A and B stand in the file; if not, they are drawn again from the seed");
    public static final Setting<Double> VERA_DROPOUT = Setting.dropout(
            "vera_dropout", "probability with which a value of x is dropped on its way to A in training");
    public static final Setting<Double> D_INITIAL = Setting.number("d_initial", 0.1, "first value of d");
    public static final Setting<LayerSettings.Bias> BIAS = BiasSetting.of("vera_only");
    public static final Setting<Boolean> INIT_WEIGHTS =
            Setting.flag("init_weights", true, "false: normal d and b of ones, for tests");

    public static final ConfigSchema<VeraConfig> SCHEMA = ConfigSchema.of("VERA")
            .settings(R, LayerSettings.TARGET_MODULES, PROJECTION_PRNG_KEY, SAVE_PROJECTION, VERA_DROPOUT, D_INITIAL)
            .settings(BIAS, LayerSettings.MODULES_TO_SAVE)
            .settings(LayerSettings.LAYERS_TO_TRANSFORM, LayerSettings.LAYERS_PATTERN)
            .settings(INIT_WEIGHTS, LayerSettings.FAN_IN_FAN_OUT)
            .rule(LayerSettings::requireIndices)
            .build(VeraConfig::new);

    /** Checks the settings and how they go together. */
    public VeraConfig {
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
    public record Builder(ConfigSchema.Draft<VeraConfig> draft)
            implements ConfigBuilder<VeraConfig, Builder>,
                    LayerSettings.TargetsBuilder<Builder>,
                    LayerSettings.BlocksBuilder<Builder>,
                    LayerSettings.WholeModulesBuilder<Builder> {}
}
