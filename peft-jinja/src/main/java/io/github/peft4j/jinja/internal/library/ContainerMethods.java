package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Comparison;
import io.github.peft4j.jinja.internal.value.DictView;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's methods of {@code dict}, {@code list} and {@code tuple} that change nothing. */
final class ContainerMethods {

    private ContainerMethods() {}

    /** A method of this map, or null if there is none of that name. */
    static @Nullable Callable find(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" -> (frame, arguments) -> get(frame, map, arguments);
            case "items" -> (frame, arguments) -> items(frame, arguments, map);
            case "keys" -> (frame, arguments) -> view(frame, arguments, "dict_keys", map.keySet());
            case "values" -> (frame, arguments) -> view(frame, arguments, "dict_values", map.values());
            case "copy" -> (frame, arguments) -> copy(frame, arguments, map);
            case "clear", "pop", "popitem", "setdefault", "update" -> refused(name);
            default -> null;
        };
    }

    /** A method of this list, or null if there is none of that name. */
    static @Nullable Callable find(List<Object> list, String name) {
        return switch (name) {
            case "index" -> (frame, arguments) -> index(frame, list, arguments);
            case "count" -> (frame, arguments) -> count(frame, list, arguments);
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" -> refused(name);
            default -> null;
        };
    }

    private static Callable refused(String name) {
        return (frame, arguments) -> {
            throw new TemplateException(
                    "access to '" + name + "' is not allowed: templates cannot change lists and dicts");
        };
    }

    private static Object get(Frame frame, Map<?, ?> map, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("get", "key", "default");
        Object key = bound.required("key");
        frame.run().budget().spendKey(key);
        Object value = Elements.key(key) ? map.get(key) : null;
        return value == null ? bound.or("default", None.NONE) : value;
    }

    private static Object view(Frame frame, Arguments arguments, String kind, Collection<?> items) {
        arguments.bind(kind);
        frame.run().budget().spendElements(items.size());
        return new DictView(kind, new ArrayList<>(items));
    }

    private static Object items(Frame frame, Arguments arguments, Map<?, ?> map) {
        arguments.bind("dict_items");
        return new DictView("dict_items", items(frame.run().budget(), map));
    }

    /** The entries of a map as pairs. */
    static List<Object> items(Budget budget, Map<?, ?> map) {
        budget.spendElements(3L * map.size());
        List<Object> items = new ArrayList<>(map.size());
        map.forEach((key, value) -> items.add(new Tuple(List.of(key, value))));
        return items;
    }

    private static Object copy(Frame frame, Arguments arguments, Map<?, ?> map) {
        arguments.bind("copy");
        frame.run().budget().spendElements(2L * map.size());
        return new LinkedHashMap<>(map);
    }

    private static Object index(Frame frame, List<Object> list, Arguments arguments) {
        Object value = arguments.bind("index", "value").required("value");
        Comparison comparison = frame.comparison();
        for (int i = 0; i < list.size(); i++) {
            if (comparison.equal(list.get(i), value)) {
                return (long) i;
            }
        }
        throw new TemplateException("index: the value is not in the list");
    }

    private static Object count(Frame frame, List<Object> list, Arguments arguments) {
        Object value = arguments.bind("count", "value").required("value");
        Comparison comparison = frame.comparison();
        return list.stream().filter(item -> comparison.equal(item, value)).count();
    }
}
