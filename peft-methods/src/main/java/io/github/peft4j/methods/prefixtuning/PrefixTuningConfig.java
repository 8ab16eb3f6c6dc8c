package io.github.peft4j.methods.prefixtuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.internal.promptlearning.PromptSettings;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of prefix tuning, Hugging Face's {@code PrefixTuningConfig}: {@code PrefixTuningConfig.builder(30).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2101.00190">Li and Liang 2021</a>
 */
public record PrefixTuningConfig(CommonSettings common, SettingValues values) implements PromptSettings {

    /** The value of {@code init_weights} for a prefix that begins at zero. */
    public static final String ZERO = "zero";

    public static final Setting<@Nullable String> INIT_WEIGHTS = Setting.textOrNull(
                    "init_weights", "`zero`: the prefix, or what the projection computes, begins at zero")
            .checked(PrefixTuningConfig::requireStart)
            .defaultsTo("random");
    public static final Setting<@Nullable Integer> ENCODER_HIDDEN_SIZE = Setting.countOrNull(
                    "encoder_hidden_size", "Hd, the network's inner width")
            .defaultsTo("K Dh");
    public static final Setting<Boolean> PREFIX_PROJECTION =
            Setting.flag("prefix_projection", false, "whether a network computes the prefix");

    /**
     * Whether a saved prefix was trained with a transformers that lays Bloom's keys and values out in another order. Nothing in such a file
     * says so. A setting of this library's own, which loading puts right and takes out.
     */
    public static final Setting<Boolean> LEGACY_BLOOM_LAYOUT = Setting.flag(
                    "legacy_bloom_layout",
                    false,
                    "this library's own: whether a saved prefix was trained for a Bloom of transformers 4.43 or older")
            .unlessDefault();

    public static final ConfigSchema<PrefixTuningConfig> SCHEMA = ConfigSchema.of("PREFIX_TUNING")
            .settings(PromptSettings.all())
            .settings(INIT_WEIGHTS, PREFIX_PROJECTION, ENCODER_HIDDEN_SIZE, LEGACY_BLOOM_LAYOUT)
            .build(PrefixTuningConfig::new);

    /** Checks the settings and how they go together. */
    public PrefixTuningConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireStart(@Nullable String start, Consumer<String> problems) {
        if (start != null && !start.equals(ZERO)) {
            problems.accept("init_weights must be " + ZERO + " or null, got " + start);
        }
    }

    /** Starts settings with the number of virtual tokens; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(SCHEMA.draft()).set(NUM_VIRTUAL_TOKENS, numVirtualTokens);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<PrefixTuningConfig> draft)
            implements PromptSettings.Builder<PrefixTuningConfig, Builder> {}
}
