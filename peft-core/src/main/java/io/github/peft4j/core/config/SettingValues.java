package io.github.peft4j.core.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a method's settings are set to: a value for each setting of a {@link ConfigSchema}. Immutable, lists and maps included. */
public final class SettingValues {

    private final ConfigSchema<?> schema;
    private final Map<Setting<?>, @Nullable Object> values;

    private SettingValues(ConfigSchema<?> schema, Map<Setting<?>, @Nullable Object> values) {
        this.schema = schema;
        this.values = values;
    }

    /** The default of each. */
    static SettingValues defaults(ConfigSchema<?> schema) {
        Map<Setting<?>, @Nullable Object> values = new LinkedHashMap<>();
        schema.settings().forEach(setting -> values.put(setting, setting.otherwise()));
        return new SettingValues(schema, values);
    }

    /** The settings that there are. */
    public ConfigSchema<?> schema() {
        return schema;
    }

    /** Whether there is a setting. */
    public boolean has(Setting<?> setting) {
        return values.containsKey(setting);
    }

    /** The value of a setting; its default if these are values of a method that does not have it. */
    @SuppressWarnings({"unchecked", "NullAway"}) // with() put it there as a T, null where T has it.
    public <T extends @Nullable Object> T get(Setting<T> setting) {
        return has(setting) ? (T) values.get(setting) : setting.otherwise();
    }

    /**
     * These values with another for a setting.
     *
     * @throws IllegalArgumentException if the method does not have it
     */
    public <T extends @Nullable Object> SettingValues with(Setting<T> setting, @Nullable T value) {
        if (!has(setting)) {
            throw new IllegalArgumentException(schema.peftType() + " has no setting " + setting.key());
        }
        Map<Setting<?>, @Nullable Object> changed = new LinkedHashMap<>(values);
        changed.put(setting, frozen(value));
        return new SettingValues(schema, changed);
    }

    private static @Nullable Object frozen(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return Collections.unmodifiableMap(new LinkedHashMap<>(map));
        }
        return value instanceof List<?> list ? Collections.unmodifiableList(new ArrayList<>(list)) : value;
    }

    /** The values by Hugging Face's names, as they stand in {@code adapter_config.json}. */
    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        values.keySet().forEach(setting -> write(setting, json));
        return json;
    }

    private <T extends @Nullable Object> void write(Setting<T> setting, Map<String, @Nullable Object> json) {
        setting.write(get(setting), json);
    }

    /** What is wrong with single values. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        values.keySet().forEach(setting -> check(setting, problems));
        return problems;
    }

    private <T extends @Nullable Object> void check(Setting<T> setting, List<String> problems) {
        setting.check(get(setting), problems::add);
    }

    /**
     * Makes sure that these are values of a schema, and that they are valid.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    public void requireValid(ConfigSchema<?> expected) {
        if (schema != expected) {
            throw new IllegalArgumentException(
                    "settings of " + schema.peftType() + " were given to a config of " + expected.peftType());
        }
        List<String> problems = problems();
        schema.rules().forEach(rule -> rule.check(this, problems::add));
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SettingValues values && schema == values.schema && this.values.equals(values.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(schema, values);
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
