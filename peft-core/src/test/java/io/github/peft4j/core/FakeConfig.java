package io.github.peft4j.core;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.config.TargetModules;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of {@link FakeMethod}. */
public record FakeConfig(CommonSettings common, SettingValues values) implements PeftConfig {

    private static final Setting<@Nullable TargetModules> TARGETS =
            Setting.modules("target_modules", "what is wrapped");

    private static final Setting<@Nullable List<String>> SAVED = Setting.texts("modules_to_save", "what is copied");

    private static final Setting<Number> INITIAL =
            Setting.numberAsWritten("initial", 1.0, "what every factor starts as");

    static final ConfigSchema<FakeConfig> SCHEMA = schema("FAKE").build(FakeConfig::new);

    /** Collects settings. */
    private record Builder(ConfigSchema.Draft<FakeConfig> draft) implements ConfigBuilder<FakeConfig, Builder> {}

    /** The same settings for another method. */
    static ConfigSchema.Builder schema(String type) {
        return ConfigSchema.of(type).settings(TARGETS, SAVED, INITIAL).off(false, List.of(false), "fancy");
    }

    public static FakeConfig of(String... targets) {
        return new Builder(SCHEMA.draft())
                .set(TARGETS, TargetModules.named(targets))
                .build();
    }

    public FakeConfig withInitial(double value) {
        return new FakeConfig(common, values.with(INITIAL, value));
    }

    public FakeConfig saving(String... modules) {
        return new FakeConfig(common, values.with(SAVED, modules.length == 0 ? null : List.of(modules)));
    }

    public FakeConfig targeting(TargetModules modules) {
        return new FakeConfig(common, values.with(TARGETS, modules));
    }

    @Nullable
    TargetModules targets() {
        return get(TARGETS);
    }

    List<String> modulesToSave() {
        return Objects.requireNonNullElse(get(SAVED), List.of());
    }

    Number initial() {
        return get(INITIAL);
    }

    @Override
    public FakeConfig withCommon(CommonSettings other) {
        return new FakeConfig(other, values);
    }
}
