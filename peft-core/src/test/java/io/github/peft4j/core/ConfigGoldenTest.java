package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.store.AdapterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real config files, read and written again. */
final class ConfigGoldenTest {

    private static final Set<String> TARGETS = Set.of("target_modules", "exclude_modules", "feedforward_modules");

    @TempDir
    private Path folder;

    /** A config whose method knows some keys. */
    private record AnyConfig(CommonSettings common, SettingValues values) implements PeftConfig {

        static AnyConfig read(String type, ConfigValues values, Set<String> known, Map<String, Object> json) {
            return ConfigSchema.of(type)
                    .settings(known.stream()
                            .map(key -> setting(key, json.get(key)))
                            .toArray(Setting<?>[]::new))
                    .build(AnyConfig::new)
                    .read(values);
        }

        private static Setting<?> setting(String key, @Nullable Object value) {
            if (TARGETS.contains(key)) {
                return Setting.modules(key, "");
            } else if (value instanceof Number) {
                return Setting.numberAsWritten(key, 0, "");
            } else if (value instanceof Map) {
                return key.endsWith("_pattern") ? Setting.numbersByText(key, "") : Setting.object(key, "");
            } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Number) {
                return Setting.integers(key, "");
            } else if (value instanceof List) {
                return Setting.texts(key, "");
            }
            return value == null ? Setting.textOrNull(key, "") : Setting.flagOrText(key, "false", "");
        }
    }

    private void checkRoundTrip(String name, boolean knowing) throws IOException {
        String text = Golden.text("configs/" + name + ".json");
        Path file = Files.writeString(folder.resolve(AdapterStore.CONFIG), text);
        Map<String, Object> json = Golden.json("configs/" + name + ".json");
        ConfigValues values = AdapterStore.values(file);
        Map<String, Object> own = new TreeMap<>(json);
        own.keySet()
                .removeAll(Set.of(
                        "peft_type",
                        "task_type",
                        "base_model_name_or_path",
                        "revision",
                        "inference_mode",
                        "auto_mapping",
                        "peft_version"));
        AnyConfig config =
                AnyConfig.read((String) json.get("peft_type"), values, knowing ? own.keySet() : Set.of(), json);
        assertThat(config.common().unknown()).hasSize(knowing ? 0 : own.size());
        assertThat(AdapterStore.json(config)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adaption",
                "ia3",
                "ln",
                "lora",
                "lora-all",
                "lora-layers",
                "lora-names",
                "lora-regex",
                "p-tuning",
                "prefix",
                "prompt",
                "vera"
            })
    void aConfigReadByItsMethodIsWrittenAgainToTheByte(String name) throws IOException {
        checkRoundTrip(name, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaption", "ia3", "lora-all", "p-tuning", "prefix", "prompt", "vera"})
    void keysThatNobodyKnowsAreWrittenAgainToTheByte(String name) throws IOException {
        checkRoundTrip(name, false);
    }
}
