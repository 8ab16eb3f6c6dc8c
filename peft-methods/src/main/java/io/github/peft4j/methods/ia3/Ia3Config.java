package io.github.peft4j.methods.ia3;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.config.TargetModules;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of (IA)^3, Hugging Face's {@code IA3Config}: {@code Ia3Config.builder().targetModules("k_proj", "v_proj", "down_proj").feedforwardModules("down_proj").build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022</a>
 */
public record Ia3Config(CommonSettings common, SettingValues values)
        implements LayerSettings.Targets, LayerSettings.Exclusions, LayerSettings.WholeModules {

    public static final Setting<@Nullable TargetModules> FEEDFORWARD_MODULES = Setting.modules(
                    "feedforward_modules",
                    "those of them whose inputs are scaled. As in PEFT a name need not begin at a dot; a list must be part of the"
                            + " targets")
            .defaultsTo("the architecture's");
    public static final Setting<Boolean> INIT_IA3_WEIGHTS =
            Setting.flag("init_ia3_weights", true, "vectors of ones; false: normal values, for tests");

    public static final ConfigSchema<Ia3Config> SCHEMA = ConfigSchema.of("IA3")
            .settings(LayerSettings.TARGET_MODULES, LayerSettings.EXCLUDE_MODULES, FEEDFORWARD_MODULES)
            .settings(LayerSettings.MODULES_TO_SAVE, INIT_IA3_WEIGHTS, LayerSettings.FAN_IN_FAN_OUT)
            .rule(Ia3Config::requireSubset)
            .build(Ia3Config::new);

    /** Checks the settings and how they go together. */
    public Ia3Config {
        values.requireValid(SCHEMA);
    }

    private static void requireSubset(SettingValues values, Consumer<String> problems) {
        boolean subset = !(values.get(FEEDFORWARD_MODULES) instanceof TargetModules.Named inner)
                || !(values.get(LayerSettings.TARGET_MODULES) instanceof TargetModules.Named all)
                || all.names().containsAll(inner.names());
        if (!subset) {
            problems.accept("`feedforward_modules` should be a subset of `target_modules`");
        }
    }

    /** Starts settings; all have Hugging Face PEFT's defaults. */
    public static Builder builder() {
        return new Builder(SCHEMA.draft());
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** The layers whose inputs are scaled, not their outputs, or null for the architecture's. */
    public @Nullable TargetModules feedforwardModules() {
        return values.get(FEEDFORWARD_MODULES);
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<Ia3Config> draft)
            implements ConfigBuilder<Ia3Config, Builder>,
                    LayerSettings.TargetsBuilder<Builder>,
                    LayerSettings.ExclusionsBuilder<Builder>,
                    LayerSettings.WholeModulesBuilder<Builder> {

        /** The layers whose inputs are scaled, by ends of their paths. */
        public Builder feedforwardModules(String... names) {
            return feedforwardModules(TargetModules.named(names));
        }

        /** The layers whose inputs are scaled; null for the architecture's. */
        public Builder feedforwardModules(@Nullable TargetModules layers) {
            return set(FEEDFORWARD_MODULES, layers);
        }
    }
}
