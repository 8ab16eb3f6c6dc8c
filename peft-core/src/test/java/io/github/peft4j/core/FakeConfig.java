package io.github.peft4j.core;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of {@link FakeMethod}.
 *
 * @param initial what every factor starts as
 */
public record FakeConfig(
        CommonSettings common, @Nullable TargetModules targets, List<String> modulesToSave, Number initial)
        implements PeftConfig {

    public static FakeConfig of(String... targets) {
        return new FakeConfig(CommonSettings.forModel(), TargetModules.named(targets), List.of(), 1.0);
    }

    public FakeConfig withInitial(double value) {
        return new FakeConfig(common, targets, modulesToSave, value);
    }

    public FakeConfig saving(String... modules) {
        return new FakeConfig(common, targets, List.of(modules), initial);
    }

    public FakeConfig targeting(TargetModules modules) {
        return new FakeConfig(common, modules, modulesToSave, initial);
    }

    @Override
    public String peftType() {
        return "FAKE";
    }

    @Override
    public FakeConfig withCommon(CommonSettings other) {
        return new FakeConfig(other, targets, modulesToSave, initial);
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("target_modules", targets == null ? null : targets.json());
        settings.put("modules_to_save", modulesToSave.isEmpty() ? null : modulesToSave);
        settings.put("initial", initial);
        return settings;
    }
}
