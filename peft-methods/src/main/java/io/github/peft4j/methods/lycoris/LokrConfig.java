package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.lycoris.internal.LycorisSettings;
import java.util.List;
import java.util.function.Consumer;

/**
 * Settings of low-rank Kronecker products, Hugging Face's {@code LoKrConfig}: {@code LokrConfig.builder(8, 16).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024</a>
 */
public record LokrConfig(CommonSettings common, SettingValues values) implements LycorisSettings<LokrConfig> {

    public static final Setting<Integer> DECOMPOSE_FACTOR = Setting.integer(
                    "decompose_factor",
                    -1,
                    "A and C where it divides `out` and `in`; otherwise a bound of them. -1: as near as possible to the root")
            .checked(LokrConfig::requireFactor);
    public static final Setting<Boolean> DECOMPOSE_BOTH =
            Setting.flag("decompose_both", false, "whether W1 may be a product of two as well");
    public static final Setting<Boolean> RANK_DROPOUT_SCALE = Setting.flag(
            "rank_dropout_scale", false, "whether outputs that `rank_dropout` leaves are divided by their share");
    public static final Setting<String> INIT_WEIGHTS = Setting.flagOrText(
                    "init_weights",
                    "true",
                    "`lycoris`: W2 (its right factor) begins at zero instead of W1; false: nothing does, for tests")
            .checked(LokrConfig::requireStart);

    public static final ConfigSchema<LokrConfig> SCHEMA = LycorisSettings.schema("LOKR")
            .settings(DECOMPOSE_FACTOR, DECOMPOSE_BOTH, RANK_DROPOUT_SCALE, INIT_WEIGHTS)
            .build(LokrConfig::new);

    /** Checks the settings and how they go together. */
    public LokrConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireFactor(int factor, Consumer<String> problems) {
        if (factor != -1 && factor < 1) {
            problems.accept("decompose_factor must be at least 1, or -1 for none, got " + factor);
        }
    }

    private static void requireStart(String start, Consumer<String> problems) {
        if (!List.of("true", "false", "lycoris").contains(start)) {
            problems.accept("init_weights must be true, false or \"lycoris\", got \"" + start + "\"");
        }
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
    public record Builder(ConfigSchema.Draft<LokrConfig> draft)
            implements LycorisSettings.Builder<LokrConfig, Builder> {}
}
