package io.github.peft4j.core.config.internal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;

/** Values of one key, from a file or as typed. */
abstract class ConfigValuesCase {

    static ConfigValues json(String key, Object value) {
        Map<String, Object> values = new HashMap<>();
        values.put(key, value);
        return ConfigValues.of(values, "file");
    }

    static ConfigValues setting(String text) {
        return ConfigValues.of(Map.of(), "settings").with(Map.of("x", text));
    }

    static void refused(ConfigValues values, String message) {
        assertThatThrownBy(values::finish)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
