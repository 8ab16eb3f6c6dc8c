package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.models.kernel.ActivationFunction;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of bottleneck adapters: {@code BottleneckConfig.builder().set(BottleneckConfig.BOTTLENECK_SIZE, 64).build()}. Hugging Face PEFT
 * does not have the method; the file is in its form.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 */
public record BottleneckConfig(CommonSettings common, SettingValues values) implements LayerSettings.WholeModules {

    public static final Setting<Variant> VARIANT = Setting.constant(
            "variant",
            Variant.HOULSBY,
            variant -> variant.name().toLowerCase(Locale.ROOT),
            "where adapters stand: `houlsby`, `pfeiffer`");
    public static final Setting<@Nullable Integer> BOTTLENECK_SIZE =
            Setting.countOrNull("bottleneck_size", "width R of the waist");
    public static final Setting<@Nullable Number> REDUCTION_FACTOR = Setting.numberOrNull(
                    "reduction_factor", "R = D / factor, rounded down, at least 1; exactly one of the two is given")
            .checked(BottleneckConfig::requirePositive)
            .defaultsTo("16, without a size");
    public static final Setting<String> NON_LINEARITY = Setting.text(
                    "non_linearity",
                    "relu",
                    "f: `relu`, `gelu`, `gelu_new`, `gelu_pytorch_tanh`, `gelu_fast`, `silu`, `swish`")
            .checked(BottleneckConfig::requireFunction);
    public static final Setting<Boolean> INIT_WEIGHTS =
            Setting.flag("init_weights", true, "false: W_u begins uniform too, for tests");

    public static final ConfigSchema<BottleneckConfig> SCHEMA = ConfigSchema.of("BOTTLENECK")
            .settings(VARIANT, BOTTLENECK_SIZE, REDUCTION_FACTOR, NON_LINEARITY, INIT_WEIGHTS)
            .settings(LayerSettings.MODULES_TO_SAVE)
            .completing(BottleneckConfig::withSize)
            .rule(BottleneckConfig::requireOneSize)
            .build(BottleneckConfig::new);

    private static final int USUAL_REDUCTION = 16;

    /** Checks the settings and how they go together. */
    public BottleneckConfig {
        values.requireValid(SCHEMA);
    }

    private static SettingValues withSize(SettingValues values) {
        boolean none = values.get(BOTTLENECK_SIZE) == null && values.get(REDUCTION_FACTOR) == null;
        return none ? values.with(REDUCTION_FACTOR, (Number) USUAL_REDUCTION) : values;
    }

    private static void requireOneSize(SettingValues values, Consumer<String> problems) {
        Integer size = values.get(BOTTLENECK_SIZE);
        Number factor = values.get(REDUCTION_FACTOR);
        if ((size == null) == (factor == null)) {
            problems.accept("exactly one of bottleneck_size and reduction_factor must be given, got " + size + " and "
                    + factor);
        }
    }

    private static void requirePositive(@Nullable Number factor, Consumer<String> problems) {
        if (factor != null && !(factor.doubleValue() > 0)) {
            problems.accept("reduction_factor must be greater than 0, got " + factor);
        }
    }

    private static void requireFunction(String name, Consumer<String> problems) {
        try {
            ActivationFunction.of(name);
        } catch (IllegalArgumentException e) {
            problems.accept("non_linearity: " + e.getMessage());
        }
    }

    /** Starts settings; without a size the waist is 16 times narrower than the model. */
    public static Builder builder() {
        return new Builder(SCHEMA.draft());
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<BottleneckConfig> draft)
            implements ConfigBuilder<BottleneckConfig, Builder>, LayerSettings.WholeModulesBuilder<Builder> {}

    /** Where in a block adapters stand; the values of {@code variant}. */
    public enum Variant {
        /** Behind the attention's output projection and behind the feed-forward part. */
        HOULSBY,
        /** Behind the feed-forward part alone. */
        PFEIFFER
    }
}
