package io.github.peft4j.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of {@link FakeMethod}.
 *
 * @param initial what every factor starts as
 */
record FakeConfig(CommonSettings common, @Nullable TargetModules targets, List<String> modulesToSave, Number initial)
        implements PeftConfig {

    static FakeConfig of(String... targets) {
        return new FakeConfig(CommonSettings.forModel(), TargetModules.named(targets), List.of(), 1.0);
    }

    FakeConfig withInitial(double value) {
        return new FakeConfig(common, targets, modulesToSave, value);
    }

    FakeConfig saving(String... modules) {
        return new FakeConfig(common, targets, List.of(modules), initial);
    }

    FakeConfig targeting(TargetModules modules) {
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
