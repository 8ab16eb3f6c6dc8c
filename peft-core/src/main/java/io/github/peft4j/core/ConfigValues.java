package io.github.peft4j.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A method's config as it is read: values by Hugging Face's names, from {@code adapter_config.json}, from {@code key=value} settings, or
 * both. A method takes what it knows and then calls {@link #finish}, which reports every problem at once.
 *
 * <p>Values of settings are text; each is read as whatever the method asks for: {@code 16}, {@code true}, {@code q_proj,v_proj},
 * {@code null}. Not safe for concurrent use.
 */
public final class ConfigValues {

    /** Text of a setting, to be read as what is asked for. */
    private record Setting(String text) {}

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
        settings.forEach((key, text) -> all.put(key, new Setting(text)));
        return new ConfigValues(source, all);
    }

    /** Where the values come from, for messages. */
    public String source() {
        return source;
    }

    /** Whether a key is there, be it null. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    private <T> @Nullable T read(
            String key, @Nullable T otherwise, String expected, Function<Object, @Nullable T> convert) {
        taken.add(key);
        if (!values.containsKey(key)) {
            return otherwise;
        }
        Object value = values.get(key);
        if (value == null || value instanceof Setting setting && isNull(setting)) {
            return null;
        }
        T converted;
        try {
            converted = convert.apply(value);
        } catch (NumberFormatException e) {
            converted = null;
        }
        if (converted == null) {
            bad.add(key + " must be " + expected + ", got " + shown(value));
            return otherwise;
        }
        return converted;
    }

    private static boolean isNull(Setting setting) {
        return setting.text.equals("null") || setting.text.equals("None");
    }

    private static String shown(Object value) {
        return value instanceof Setting setting ? "\"" + setting.text + "\"" : PythonJson.compact(value);
    }

    /** A whole number; null in the file counts as absent. */
    public int integer(String key, int otherwise) {
        return orElse(read(key, otherwise, "a whole number", ConfigValues::toInteger), otherwise);
    }

    /** A whole number or null. */
    public @Nullable Integer integerOrNull(String key) {
        return read(key, null, "a whole number", ConfigValues::toInteger);
    }

    private static @Nullable Integer toInteger(Object value) {
        if (value instanceof Setting setting) {
            return Integer.valueOf(setting.text.strip());
        }
        return value instanceof Number number && number.doubleValue() == number.intValue() ? number.intValue() : null;
    }

    /** A number. */
    public double number(String key, double otherwise) {
        return orElse(read(key, otherwise, "a number", ConfigValues::toNumber), otherwise);
    }

    private static @Nullable Double toNumber(Object value) {
        if (value instanceof Setting setting) {
            return Double.valueOf(setting.text.strip());
        }
        return value instanceof Number number ? number.doubleValue() : null;
    }

    /** A truth value. */
    public boolean flag(String key, boolean otherwise) {
        return orElse(read(key, otherwise, "true or false", ConfigValues::toFlag), otherwise);
    }

    private static @Nullable Boolean toFlag(Object value) {
        if (value instanceof Setting setting) {
            return switch (setting.text.strip()) {
                case "true", "True" -> Boolean.TRUE;
                case "false", "False" -> Boolean.FALSE;
                default -> null;
            };
        }
        return value instanceof Boolean flag ? flag : null;
    }

    /** Text, or {@code otherwise} where absent. */
    public String text(String key, String otherwise) {
        return orElse(read(key, otherwise, "text", ConfigValues::toText), otherwise);
    }

    /** Text or null. */
    public @Nullable String textOrNull(String key) {
        return read(key, null, "text", ConfigValues::toText);
    }

    private static @Nullable String toText(Object value) {
        return value instanceof Setting setting ? setting.text : value instanceof String text ? text : null;
    }

    /** A truth value or text: some of Hugging Face's keys take either. Returned as {@code Boolean} or {@code String}. */
    public Object flagOrText(String key, Object otherwise) {
        return orElse(
                read(key, otherwise, "true, false or text", value -> {
                    Boolean flag = toFlag(value);
                    return flag == null ? toText(value) : flag;
                }),
                otherwise);
    }

    /** A list of text, or null. One text alone is a list of one. */
    public @Nullable List<String> textsOrNull(String key) {
        return read(key, null, "a list of text", value -> {
            if (value instanceof Setting setting) {
                return split(setting.text);
            }
            return value instanceof String text ? List.of(text) : toList(value, ConfigValues::toText);
        });
    }

    /** A list of text, a pattern, or a shorthand: what {@code target_modules} takes; null where absent or null. */
    public @Nullable TargetModules targetsOrNull(String key) {
        return read(key, null, "a list of module names or a regular expression", value -> {
            if (value instanceof Setting setting) {
                return TargetModules.ofText(setting.text);
            }
            if (value instanceof String text) {
                return TargetModules.ofPattern(text);
            }
            List<String> names = toList(value, ConfigValues::toText);
            return names == null ? null : new TargetModules.Named(names);
        });
    }

    /** A list of whole numbers, or null. One number alone is a list of one. */
    public @Nullable List<Integer> integersOrNull(String key) {
        return read(key, null, "a list of whole numbers", value -> {
            if (value instanceof Setting setting) {
                return split(setting.text).stream().map(Integer::valueOf).toList();
            }
            return value instanceof Number
                    ? toList(List.of(value), ConfigValues::toInteger)
                    : toList(value, ConfigValues::toInteger);
        });
    }

    /** Numbers by text, in the file's order; empty where absent or null. A setting reads {@code name:value,name:value}. */
    public Map<String, Double> numbersByText(String key) {
        Map<String, Double> found = read(key, null, "an object of numbers", ConfigValues::toNumbers);
        return found == null ? Map.of() : found;
    }

    private static @Nullable Map<String, Double> toNumbers(Object value) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (value instanceof Setting setting) {
            for (String pair : split(setting.text)) {
                int colon = pair.lastIndexOf(':');
                if (colon < 1) {
                    return null;
                }
                numbers.put(pair.substring(0, colon), Double.valueOf(pair.substring(colon + 1)));
            }
            return numbers;
        }
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getValue() instanceof Number number)) {
                return null;
            }
            numbers.put(String.valueOf(entry.getKey()), number.doubleValue());
        }
        return numbers;
    }

    /** A number that is written back as it was given, whole or not: {@code Integer}, {@code Long} or {@code Double}. */
    public Number numberAsGiven(String key, Number otherwise) {
        return orElse(read(key, otherwise, "a number", ConfigValues::toNumberAsGiven), otherwise);
    }

    private static @Nullable Number toNumberAsGiven(Object value) {
        if (value instanceof Setting setting) {
            String text = setting.text.strip();
            return text.matches("[+-]?\\d{1,9}") ? Integer.valueOf(text) : Double.valueOf(text);
        }
        return value instanceof Integer || value instanceof Long || value instanceof Double ? (Number) value : null;
    }

    /** Numbers by text in the file's order, each as it was given; empty where absent or null. */
    public Map<String, Number> numbersAsGivenByText(String key) {
        Map<String, Number> found = read(key, null, "an object of numbers", value -> {
            Map<String, @Nullable Object> entries = toEntries(value);
            if (entries == null) {
                return null;
            }
            Map<String, Number> numbers = new LinkedHashMap<>();
            for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
                Number number = entry.getValue() == null ? null : toNumberAsGiven(entry.getValue());
                if (number == null) {
                    return null;
                }
                numbers.put(entry.getKey(), number);
            }
            return numbers;
        });
        return found == null ? Map.of() : found;
    }

    private static @Nullable Map<String, @Nullable Object> toEntries(Object value) {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        if (value instanceof Setting setting) {
            for (String pair : split(setting.text)) {
                int colon = pair.lastIndexOf(':');
                if (colon < 1) {
                    return null;
                }
                entries.put(pair.substring(0, colon).strip(), new Setting(pair.substring(colon + 1).strip()));
            }
            return entries;
        }
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        map.forEach((key, item) -> entries.put(String.valueOf(key), item));
        return entries;
    }

    /** A whole number or a list of them, or null. A setting of one number reads as one. */
    public @Nullable OneOrMany<Integer> oneOrManyIntegers(String key) {
        return oneOrMany(integersOrNull(key), key);
    }

    /** Text or a list of text, or null. A setting without a comma reads as one. */
    public @Nullable OneOrMany<String> oneOrManyTexts(String key) {
        return oneOrMany(textsOrNull(key), key);
    }

    private <T> @Nullable OneOrMany<T> oneOrMany(@Nullable List<T> list, String key) {
        if (list == null) {
            return null;
        }
        Object value = values.get(key);
        boolean many = value instanceof Collection
                || value instanceof Setting setting
                        && (setting.text.contains(",") || setting.text.strip().startsWith("["));
        return new OneOrMany<>(list, !many && list.size() == 1);
    }

    private static List<String> split(String text) {
        String inner = text.strip().replaceAll("^\\[|\\]$", "");
        List<String> parts = new ArrayList<>();
        for (String part : inner.split(",", -1)) {
            String name = part.strip().replaceAll("^[\"']|[\"']$", "");
            if (!name.isEmpty()) {
                parts.add(name);
            }
        }
        return parts;
    }

    private static <T> @Nullable List<T> toList(Object value, Function<Object, @Nullable T> element) {
        if (!(value instanceof Collection<?> list)) {
            return null;
        }
        List<T> result = new ArrayList<>();
        for (Object item : list) {
            T converted = item == null ? null : element.apply(item);
            if (converted == null) {
                return null;
            }
            result.add(converted);
        }
        return List.copyOf(result);
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? Objects.requireNonNull(otherwise) : value;
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
        taken.add(key);
        Object value = values.get(key);
        if (value instanceof Setting setting && isNull(setting)) {
            return;
        }
        if (value != null && List.of(harmless).stream().noneMatch(h -> same(h, value))) {
            unsupported.add(key + "=" + shown(value));
        }
    }

    private static boolean same(Object harmless, Object value) {
        if (value instanceof Setting setting) {
            return String.valueOf(harmless).equalsIgnoreCase(setting.text);
        }
        return harmless.equals(value);
    }

    /**
     * Takes what all configs have and ends reading.
     *
     * @return with every key of the file that was not taken as {@link CommonSettings#unknown}
     * @throws IllegalArgumentException naming every bad value, and every setting that no one asked for
     * @throws UnsupportedOperationException naming every value that asks for something not implemented
     */
    public CommonSettings finish() {
        taken.add("peft_type");
        String task = textOrNull("task_type");
        String base = textOrNull("base_model_name_or_path");
        String revision = textOrNull("revision");
        boolean inference = flag("inference_mode", false);
        String version = text("peft_version", CommonSettings.PEFT_VERSION);
        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> mapping = read(
                "auto_mapping", null, "an object", value -> value instanceof Map ? (Map<String, Object>) value : null);
        TaskType taskType = null;
        try {
            taskType = task == null ? null : TaskType.of(task);
        } catch (IllegalArgumentException e) {
            bad.add(String.valueOf(e.getMessage()));
        }
        Map<String, @Nullable Object> unknown = new TreeMap<>(values);
        unknown.keySet().removeAll(taken);
        unknown.forEach((key, value) -> {
            if (value instanceof Setting) {
                bad.add("unknown key " + key + "; known are " + taken);
            }
        });
        if (!bad.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", bad) + " (" + source + ")");
        }
        if (!unsupported.isEmpty()) {
            throw new UnsupportedOperationException(
                    source + " sets " + String.join(", ", unsupported) + ", which this version does not implement");
        }
        return new CommonSettings(taskType, base, revision, inference, mapping, version, unknown);
    }
}
