package io.github.peft4j.core.config.internal;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.pattern.NearestNames;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A method's config as it is read: values by Hugging Face's names, from {@code adapter_config.json}, from {@code key=value} settings, or
 * both. A method takes what it knows and then calls {@link #finish}, which reports every problem at once.
 *
 * <p>Values of settings are text; each is read as whatever the method asks for: {@code 16}, {@code true}, {@code q_proj,v_proj},
 * {@code null}. In every accessor null counts as absent. Not safe for concurrent use.
 */
public final class ConfigValues {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigValues.class);

    private final String source;
    private final Map<String, @Nullable Object> values;
    private final Set<String> taken = new TreeSet<>();
    private final List<String> bad = new ArrayList<>();
    private final List<String> unsupported = new ArrayList<>();

    private ConfigValues(String source, Map<String, @Nullable Object> values) {
        this.source = source;
        this.values = values;
    }

    /**
     * Values of a file.
     *
     * @param values parsed JSON: null, truth values, numbers, text, lists and maps
     * @param source where they come from, for messages
     */
    public static ConfigValues of(Map<String, ? extends @Nullable Object> values, String source) {
        return new ConfigValues(source, new LinkedHashMap<>(values));
    }

    /** These values with settings, as typed by a user, in place of what they name. */
    public ConfigValues with(Map<String, String> settings) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>(values);
        settings.forEach((key, text) -> all.put(key, new SettingText(text)));
        return new ConfigValues(source, all);
    }

    /** Whether a key is absent or null. */
    public boolean isNull(String key) {
        return value(key) == null;
    }

    /** Whether what was read so far was all readable. */
    public boolean isReadable() {
        return bad.isEmpty();
    }

    private @Nullable Object value(String key) {
        taken.add(key);
        Object value = values.get(key);
        return value instanceof SettingText setting && setting.isNull() ? null : value;
    }

    private <T> @Nullable T read(String key, ValueKind<T> kind) {
        Object value = value(key);
        if (value == null) {
            return null;
        }
        T converted = null;
        String problem = "";
        try {
            converted = kind.convert().apply(value);
        } catch (NumberFormatException e) {
            problem = " (too large)";
        } catch (IllegalArgumentException e) {
            problem = ": " + e.getMessage();
        }
        if (converted == null) {
            bad.add(key + " must be " + kind.expected() + ", got " + shown(value) + problem);
        }
        return converted;
    }

    private <T> T read(String key, ValueKind<T> kind, T otherwise) {
        T value = read(key, kind);
        return value == null ? otherwise : value;
    }

    private static String shown(Object value) {
        return value instanceof SettingText setting
                ? JsonWriter.LINE.write(setting.text())
                : value instanceof List
                                || value instanceof Map
                                || value instanceof String
                                || value instanceof Number
                                || value instanceof Boolean
                        ? JsonWriter.LINE.write(value)
                        : String.valueOf(value);
    }

    /** A whole number. */
    public int integer(String key, int otherwise) {
        return read(key, ValueKind.INTEGER, otherwise);
    }

    /** A whole number or null. */
    public @Nullable Integer integerOrNull(String key) {
        return read(key, ValueKind.INTEGER);
    }

    /** A number. */
    public double number(String key, double otherwise) {
        return read(key, ValueKind.NUMBER, otherwise).doubleValue();
    }

    /** A number, whole or not as it is written, so that it can be written the same way again: {@code 8} or {@code 8.0}. */
    public Number numberAsWritten(String key, Number otherwise) {
        return read(key, ValueKind.NUMBER, otherwise);
    }

    /** A truth value. */
    public boolean flag(String key, boolean otherwise) {
        return read(key, ValueKind.FLAG, otherwise);
    }

    /** Text, or {@code otherwise} where absent. */
    public String text(String key, String otherwise) {
        return read(key, ValueKind.TEXT, otherwise);
    }

    /** Text or null. */
    public @Nullable String textOrNull(String key) {
        return read(key, ValueKind.TEXT);
    }

    /** The name of a constant, in whichever of Python's two spellings it stands there: {@code LORA} or {@code PeftType.LORA}. */
    public String constantName(String key, String otherwise) {
        return read(key, ValueKind.CONSTANT, otherwise);
    }

    /** {@link #constantName}, or null. */
    public @Nullable String constantNameOrNull(String key) {
        return read(key, ValueKind.CONSTANT);
    }

    /** A truth value or text: some of Hugging Face's keys take either. Returned as {@code Boolean} or {@code String}. */
    public Object flagOrText(String key, Object otherwise) {
        return read(key, ValueKind.FLAG_OR_TEXT, otherwise);
    }

    /** One of the constants of an enumeration, by name; capital and small letters are the same. */
    public <E extends Enum<E>> E constant(String key, E otherwise) {
        E[] known = otherwise.getDeclaringClass().getEnumConstants();
        String expected = "one of " + List.of(known);
        return read(
                key,
                new ValueKind<>(expected, value -> {
                    String text = ValueKind.CONSTANT.convert().apply(value);
                    for (E constant : known) {
                        if (text != null && constant.name().equals(text.toUpperCase(Locale.ROOT))) {
                            return constant;
                        }
                    }
                    return null;
                }),
                otherwise);
    }

    /** A list of text, or null. One text alone is a list of one. */
    public @Nullable List<String> textsOrNull(String key) {
        return read(key, ValueKind.TEXTS);
    }

    /** A list of text, a pattern, or a shorthand: what {@code target_modules} takes; null where absent or null. */
    public @Nullable TargetModules targetsOrNull(String key) {
        return read(key, ValueKind.TARGETS);
    }

    /** A list of whole numbers, or null. One number alone is a list of one. */
    public @Nullable List<Integer> integersOrNull(String key) {
        return read(key, ValueKind.INTEGERS);
    }

    /** {@code List<Integer>}, or {@code Map<String, List<Integer>>}, in a setting a JSON object; null where absent. */
    public @Nullable Object integersOrByText(String key) {
        return read(key, ValueKind.INTEGERS_OR_BY_TEXT);
    }

    /** Numbers by text as they are written, in order; empty where absent. A setting is {@code name:value,name:value} or JSON. */
    public Map<String, Number> numbersAsWritten(String key) {
        return read(key, ValueKind.NUMBERS_BY_TEXT, Map.of());
    }

    /** {@link #numbersAsWritten} with whole numbers. */
    public Map<String, Integer> integersByText(String key) {
        Map<String, Integer> whole = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        numbersAsWritten(key).forEach((name, number) -> {
            if (number instanceof Integer integer) {
                whole.put(name, integer);
            } else {
                others.add(name + ": " + number);
            }
        });
        if (!others.isEmpty()) {
            reject(key + " must hold whole numbers, got " + String.join(", ", others));
        }
        return whole;
    }

    /** An object of any content, or null. A setting is JSON. */
    public @Nullable Map<String, @Nullable Object> objectOrNull(String key) {
        return read(key, ValueKind.OBJECT);
    }

    /** A whole number or a list of them, written back in the same form; null where absent. */
    public @Nullable OneOrMany<Integer> oneOrManyIntegers(String key) {
        return oneOrMany(key, integersOrNull(key));
    }

    /** Text or a list of text, written back in the same form; null where absent. */
    public @Nullable OneOrMany<String> oneOrManyTexts(String key) {
        return oneOrMany(key, textsOrNull(key));
    }

    private <T> @Nullable OneOrMany<T> oneOrMany(String key, @Nullable List<T> list) {
        if (list == null) {
            return null;
        }
        Object value = values.get(key);
        boolean many = value instanceof List
                || (value instanceof SettingText setting && setting.text().matches("(?s).*[,\\[].*"));
        if (!many && list.isEmpty()) {
            return null;
        }
        return many || list.size() != 1 ? OneOrMany.many(list) : OneOrMany.one(list.get(0));
    }

    /** Notes that a value is bad, for {@link #finish}. */
    public void reject(String problem) {
        bad.add(problem);
    }

    /**
     * Takes a key whose feature is not implemented: only these values pass, and null.
     *
     * @param harmless values that leave the feature off
     */
    public void refuse(String key, Object... harmless) {
        Object value = value(key);
        if (value != null && List.of(harmless).stream().noneMatch(h -> same(h, value))) {
            unsupported.add(key + "=" + shown(value));
        }
    }

    /**
     * Takes a key that concerns only how new adapters of this method begin, in ways that are not implemented: what a file says is written
     * back as it is, a user's setting is refused.
     */
    public void keep(String key) {
        if (values.get(key) instanceof SettingText) {
            refuse(key);
        }
    }

    private static boolean same(Object harmless, Object value) {
        if (harmless instanceof Number wanted) {
            Number number = ValueKind.NUMBER.convert().apply(value);
            return number != null && number.doubleValue() == wanted.doubleValue();
        }
        return value instanceof SettingText setting
                ? JsonWriter.LINE.write(harmless).replace("\"", "").equalsIgnoreCase(setting.text())
                : harmless.equals(value);
    }

    /**
     * Takes what all configs have and ends reading.
     *
     * @return with every key of the file that was not taken as {@link CommonSettings#unknown}
     * @throws IllegalArgumentException naming every bad value, and every setting that no one asked for
     * @throws UnsupportedOperationException naming every value that asks for something not implemented, if nothing else is wrong
     */
    public CommonSettings finish() {
        taken.add("peft_type");
        // Hugging Face neither saves nor heeds it.
        taken.add("runtime_config");
        String base = textOrNull("base_model_name_or_path");
        String revision = textOrNull("revision");
        boolean inference = flag("inference_mode", false);
        String version = text("peft_version", CommonSettings.PEFT_VERSION);
        Map<String, @Nullable Object> mapping = objectOrNull("auto_mapping");
        TaskType taskType = taskType();
        Map<String, @Nullable Object> unknown = new TreeMap<>(values);
        unknown.keySet().removeAll(taken);
        unknown.forEach((key, value) -> {
            if (value instanceof SettingText) {
                String question = NearestNames.question(key, taken);
                bad.add("unknown key " + key + (question.isEmpty() ? ": known are " + taken : ": " + question));
            }
        });
        report();
        if (!unknown.isEmpty()) {
            LOG.debug(
                    "{}: keys not known here are kept: {}",
                    source,
                    Printable.message(unknown.keySet().toString()));
        }
        return new CommonSettings(
                taskType, base, revision, inference, mapping, version, Collections.unmodifiableMap(unknown), false);
    }

    private @Nullable TaskType taskType() {
        String task = constantNameOrNull("task_type");
        try {
            return task == null ? null : TaskType.of(task);
        } catch (IllegalArgumentException e) {
            bad.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private void report() {
        String missing = String.join(", ", unsupported) + ", which this version does not implement";
        if (!bad.isEmpty()) {
            String also = unsupported.isEmpty() ? "" : "; it also sets " + missing;
            throw new IllegalArgumentException(String.join("; ", bad) + also + " (" + source + ")");
        }
        if (!unsupported.isEmpty()) {
            throw new UnsupportedOperationException(source + " sets " + missing);
        }
    }
}
