package io.github.peft4j.core.config.internal;

import io.github.peft4j.core.config.TargetModules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One kind of value that a config can hold: how it comes from JSON, and how from what a user types.
 *
 * @param expected what it is, for messages
 * @param convert from parsed JSON or a {@link SettingText} to the value, or null if it is of another kind
 */
record ValueKind<T>(String expected, Function<Object, @Nullable T> convert) {

    static final ValueKind<Boolean> FLAG = new ValueKind<>("true or false", ValueKind::flag);

    static final ValueKind<String> TEXT = new ValueKind<>("text", ValueKind::text);

    /** A constant of Python's, by its value, or as Python shows it, which old files have: {@code TaskType.CAUSAL_LM}. */
    static final ValueKind<String> CONSTANT = new ValueKind<>("text", value -> {
        String text = text(value);
        return text == null ? null : text.replaceFirst("^[A-Za-z]+\\.", "");
    });

    static final ValueKind<Number> NUMBER = new ValueKind<>("a number", ValueKind::number);

    static final ValueKind<Integer> INTEGER = new ValueKind<>("a whole number", ValueKind::integer);

    static final ValueKind<Object> FLAG_OR_TEXT = new ValueKind<>("true, false or text", value -> {
        Boolean flag = flag(value);
        return flag == null ? text(value) : flag;
    });

    static final ValueKind<List<String>> TEXTS =
            new ValueKind<>("a list of text", value -> list(value, ValueKind::text));

    static final ValueKind<List<Integer>> INTEGERS =
            new ValueKind<>("a list of whole numbers", value -> list(value, ValueKind::integer));

    static final ValueKind<Object> INTEGERS_OR_BY_TEXT =
            new ValueKind<>("a list of whole numbers, or an object of such lists", ValueKind::integersOrByText);

    static final ValueKind<Map<String, @Nullable Object>> OBJECT = new ValueKind<>("an object", ValueKind::object);

    static final ValueKind<Map<String, Number>> NUMBERS_BY_TEXT =
            new ValueKind<>("an object of numbers", ValueKind::numbersByText);

    static final ValueKind<TargetModules> TARGETS =
            new ValueKind<>("a list of module names or a regular expression", ValueKind::targets);

    private static @Nullable Boolean flag(Object value) {
        return value instanceof SettingText setting ? setting.flag() : value instanceof Boolean flag ? flag : null;
    }

    private static @Nullable String text(Object value) {
        return value instanceof SettingText setting ? setting.text() : value instanceof String text ? text : null;
    }

    private static @Nullable Number number(Object value) {
        return value instanceof SettingText setting
                ? SettingText.number(setting.text())
                : value instanceof Number number && Double.isFinite(number.doubleValue()) ? number : null;
    }

    private static @Nullable Integer integer(Object value) {
        Number number = number(value);
        return number != null && number.doubleValue() == number.intValue() ? number.intValue() : null;
    }

    private static <T> @Nullable List<T> list(Object value, Function<Object, @Nullable T> element) {
        if ("".equals(value)) {
            // Python's way of saying that there are none.
            return List.of();
        }
        Collection<?> items = value instanceof SettingText setting
                ? SettingText.list(setting.text()).stream()
                        .map(SettingText::new)
                        .toList()
                : value instanceof Collection<?> several ? several : List.of(value);
        List<T> result = new ArrayList<>();
        for (Object item : items) {
            T converted = item == null ? null : element.apply(item);
            if (converted == null) {
                return null;
            }
            result.add(converted);
        }
        return List.copyOf(result);
    }

    private static @Nullable Map<String, @Nullable Object> object(Object value) {
        if (value instanceof SettingText setting) {
            return setting.map();
        }
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(String.valueOf(key), item));
        return copy;
    }

    private static @Nullable Map<String, Number> numbersByText(Object value) {
        Map<String, @Nullable Object> entries = object(value);
        Map<String, Number> numbers = new LinkedHashMap<>();
        if (entries == null) {
            return null;
        }
        for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
            Number number = entry.getValue() == null ? null : number(entry.getValue());
            if (number == null) {
                return null;
            }
            numbers.put(entry.getKey(), number);
        }
        return numbers;
    }

    private static @Nullable Object integersOrByText(Object value) {
        boolean byText = value instanceof Map
                || (value instanceof SettingText setting && setting.text().startsWith("{"));
        Map<String, @Nullable Object> entries = byText ? object(value) : null;
        if (entries == null) {
            return list(value, ValueKind::integer);
        }
        Map<String, List<Integer>> lists = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
            List<Integer> list =
                    entry.getValue() instanceof Collection<?> several ? list(several, ValueKind::integer) : null;
            if (list == null) {
                return null;
            }
            lists.put(entry.getKey(), list);
        }
        return lists;
    }

    private static @Nullable TargetModules targets(Object value) {
        if (value instanceof SettingText setting) {
            return TargetModules.ofText(setting.text());
        }
        if (value instanceof String text) {
            return TargetModules.ofPattern(text);
        }
        List<String> names = value instanceof Collection ? list(value, ValueKind::text) : null;
        return names == null ? null : new TargetModules.Named(names);
    }
}
