package io.github.peft4j.core.config;

import io.github.peft4j.core.config.internal.ConfigValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a method, from which its config is read, written, checked and described. Immutable.
 *
 * @param <C> its config
 */
public final class ConfigSchema<C extends PeftConfig> {

    /** What several settings must keep to together. */
    @FunctionalInterface
    public interface Rule {

        /** Tells what is wrong with valid values, if something is. */
        void check(SettingValues values, Consumer<String> problems);
    }

    /** A key that no setting has: what is done with it when it is read, and what is written. */
    private record Constant(
            String key, Consumer<ConfigValues> reading, BiFunction<String, CommonSettings, @Nullable Object> written) {}

    private final String peftType;
    private final BiFunction<CommonSettings, SettingValues, C> make;
    private final List<Setting<?>> settings;
    private final List<Rule> rules;
    private final List<Constant> constants;
    private final UnaryOperator<SettingValues> completion;

    private ConfigSchema(Builder builder, BiFunction<CommonSettings, SettingValues, C> make) {
        this.peftType = builder.peftType;
        this.make = make;
        this.settings = List.copyOf(builder.settings);
        this.rules = List.copyOf(builder.rules);
        this.constants = List.copyOf(builder.constants);
        this.completion = builder.completion;
    }

    /** Starts a schema with the value of {@code peft_type}. */
    public static Builder of(String peftType) {
        return new Builder(peftType);
    }

    /** The value of {@code peft_type}. */
    public String peftType() {
        return peftType;
    }

    /** The settings, in the order in which they are described. */
    public List<Setting<?>> settings() {
        return settings;
    }

    List<Rule> rules() {
        return rules;
    }

    /** A config with all defaults, to be changed; for whatever the model is for. */
    public Draft<C> draft() {
        return draft(CommonSettings.forModel(), SettingValues.defaults(this));
    }

    /** A config, to be changed. */
    public Draft<C> draft(CommonSettings common, SettingValues values) {
        return new Draft<>(this, common, values);
    }

    /** A config of complete values. */
    C make(CommonSettings common, SettingValues values) {
        return make.apply(common, completion.apply(values));
    }

    /**
     * Reads a config; what is absent takes its default.
     *
     * @param settings by Hugging Face's names, as in {@code adapter_config.json}: null, truth values, numbers, text, lists and maps
     * @param source where they come from, for messages
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     * @throws UnsupportedOperationException if values ask for something that is not implemented, by name
     */
    public C read(Map<String, ? extends @Nullable Object> settings, String source) {
        return read(ConfigValues.of(settings, source));
    }

    /**
     * As {@link #read(Map, String)}, of values that may be a user's.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     * @throws UnsupportedOperationException if values ask for something that is not implemented, by name
     */
    public C read(ConfigValues given) {
        constants.forEach(constant -> constant.reading.accept(given));
        SettingValues values = SettingValues.defaults(this);
        for (Setting<?> setting : settings) {
            values = read(setting, given, values);
        }
        values = completion.apply(values);
        boolean readable = given.isReadable();
        values.problems().forEach(given::reject);
        if (readable) {
            for (Rule rule : rules) {
                rule.check(values, given::reject);
            }
        }
        return make.apply(given.finish(), values);
    }

    private static <T extends @Nullable Object> SettingValues read(
            Setting<T> setting, ConfigValues given, SettingValues values) {
        return values.with(setting, setting.read(given));
    }

    /** The values by Hugging Face's names, with the keys that no setting has. */
    Map<String, @Nullable Object> json(CommonSettings common, SettingValues values) {
        Map<String, @Nullable Object> json = values.json();
        constants.forEach(constant -> json.put(constant.key, constant.written.apply(constant.key, common)));
        return json;
    }

    /**
     * A config that is being made; what a {@link ConfigBuilder} writes into. Not safe for concurrent use.
     *
     * @param <C> the config
     */
    public static final class Draft<C extends PeftConfig> {

        private final ConfigSchema<C> schema;
        private CommonSettings common;
        private SettingValues values;

        private Draft(ConfigSchema<C> schema, CommonSettings common, SettingValues values) {
            this.schema = schema;
            this.common = common;
            this.values = values;
        }

        void common(CommonSettings settings) {
            common = settings;
        }

        <T extends @Nullable Object> void set(Setting<T> setting, @Nullable T value) {
            values = values.with(setting, value);
        }

        C build() {
            return schema.make(common, values);
        }
    }

    /** Collects a schema. Not safe for concurrent use. */
    public static final class Builder {
        private final String peftType;
        private final List<Setting<?>> settings = new ArrayList<>();
        private final List<Rule> rules = new ArrayList<>();
        private final List<Constant> constants = new ArrayList<>();
        private UnaryOperator<SettingValues> completion = values -> values;

        private Builder(String peftType) {
            this.peftType = peftType;
        }

        /** The settings, in the order in which they are described. */
        public Builder settings(Setting<?>... more) {
            settings.addAll(List.of(more));
            return this;
        }

        /** What several settings must keep to together. */
        public Builder rule(Rule rule) {
            rules.add(rule);
            return this;
        }

        /** What values become that depends on others. */
        public Builder completing(UnaryOperator<SettingValues> how) {
            completion = how;
            return this;
        }

        /**
         * Keys of features that are not implemented: other values than the harmless ones and null are refused.
         *
         * @param written what stands in every file
         */
        public Builder off(@Nullable Object written, List<?> harmless, String... keys) {
            for (String key : keys) {
                constants.add(
                        new Constant(key, values -> values.refuse(key, harmless.toArray()), (name, common) -> written));
            }
            return this;
        }

        /**
         * A key that concerns only how new adapters begin, in ways that are not implemented: what a file says is written back, a user's
         * setting is refused.
         *
         * @param otherwise what is written if a file says nothing
         */
        public Builder kept(String key, @Nullable Object otherwise) {
            constants.add(new Constant(
                    key,
                    values -> values.keep(key),
                    (name, common) -> common.unknown().getOrDefault(name, otherwise)));
            return this;
        }

        /** A key as {@link #kept}, but for what is written, which Hugging Face PEFT empties. */
        public Builder emptied(String key) {
            constants.add(new Constant(key, values -> values.keep(key), (name, common) -> Map.of()));
            return this;
        }

        /** The schema. */
        public <C extends PeftConfig> ConfigSchema<C> build(BiFunction<CommonSettings, SettingValues, C> make) {
            return new ConfigSchema<>(this, make);
        }
    }
}
