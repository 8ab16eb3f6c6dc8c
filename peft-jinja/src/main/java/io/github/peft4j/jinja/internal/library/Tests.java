package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.DictView;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Markup;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Numbers;
import io.github.peft4j.jinja.internal.value.OneShot;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Jinja's tests: what may stand after {@code is}. */
public final class Tests {

    /** A test without arguments. */
    private interface Property {
        boolean holds(Object value);
    }

    private static final Map<String, Property> PROPERTIES = Map.ofEntries(
            Map.entry("defined", value -> !(value instanceof Undefined)),
            Map.entry("undefined", value -> value instanceof Undefined),
            Map.entry("none", value -> value == None.NONE),
            Map.entry("boolean", value -> value instanceof Boolean),
            Map.entry("true", value -> value instanceof Boolean flag && flag),
            Map.entry("false", value -> value instanceof Boolean flag && !flag),
            Map.entry("integer", value -> value instanceof Long),
            Map.entry("float", value -> value instanceof Double),
            Map.entry("number", Numbers::isNumber),
            Map.entry("string", value -> value instanceof String || value instanceof Markup),
            Map.entry("mapping", value -> value instanceof Map),
            Map.entry("sequence", Tests::isSequence),
            Map.entry("iterable", value -> isSequence(value) || value instanceof DictView || value instanceof OneShot),
            Map.entry("callable", value -> value instanceof Callable || value instanceof Undefined),
            Map.entry("filter", value -> value instanceof String name && Filters.exists(name)),
            Map.entry("test", value -> value instanceof String name && exists(name)),
            Map.entry("odd", value -> remains(value, 2L, 1L)),
            Map.entry("even", value -> remains(value, 2L, 0L)));

    private static final Map<String, String> OPERATORS = new HashMap<>();

    static {
        List.of("==", "eq", "equalto").forEach(name -> OPERATORS.put(name, "=="));
        List.of("!=", "ne").forEach(name -> OPERATORS.put(name, "!="));
        List.of("<", "lt", "lessthan").forEach(name -> OPERATORS.put(name, "<"));
        List.of("<=", "le").forEach(name -> OPERATORS.put(name, "<="));
        List.of(">", "gt", "greaterthan").forEach(name -> OPERATORS.put(name, ">"));
        List.of(">=", "ge").forEach(name -> OPERATORS.put(name, ">="));
        OPERATORS.put("in", "in");
    }

    private Tests() {}

    private static boolean exists(String name) {
        return PROPERTIES.containsKey(name)
                || OPERATORS.containsKey(name)
                || List.of("sameas", "divisibleby", "lower", "upper").contains(name);
    }

    private static boolean isSequence(Object value) {
        return value instanceof String
                || value instanceof Markup
                || value instanceof List
                || value instanceof Tuple
                || value instanceof Map
                || value instanceof Undefined;
    }

    private static boolean remains(Object value, Object divisor, Object remainder) {
        if (!Numbers.isNumber(value) || !Numbers.isNumber(divisor)) {
            throw Types.wrong("a test of divisibility", Numbers.isNumber(value) ? divisor : value);
        }
        Object rest = Numbers.compute("%", value, divisor);
        return !Numbers.isNan(rest) && Numbers.compare(rest, remainder) == 0;
    }

    /**
     * Whether a test holds.
     *
     * @throws TemplateException if there is none of this name, or its arguments do not fit
     */
    public static boolean holds(Frame frame, String name, Object value, Arguments arguments) {
        Property property = PROPERTIES.get(name);
        if (property != null) {
            arguments.bind(name);
            return property.holds(value);
        }
        String operator = OPERATORS.get(name);
        if (operator != null) {
            Object other = arguments.bind(name, "other").required("other");
            return frame.comparison().holds(operator, value, other);
        }
        return switch (name) {
            case "sameas" -> {
                frame.run().budget().spendKey(value);
                yield isSame(value, arguments.bind(name, "other").required("other"));
            }
            case "divisibleby" -> remains(value, arguments.bind(name, "num").required("num"), 0L);
            case "lower", "upper" -> {
                arguments.bind(name);
                Budget budget = frame.run().budget();
                yield Casing.isAll(budget, Text.of(budget, value), name.equals("upper"));
            }
            default ->
                throw new TemplateException(
                        "no test '" + name + "'. There are " + new TreeSet<>(PROPERTIES.keySet()) + " and comparisons");
        };
    }

    /** Identity, where the simple values that Python keeps only once count as identical when equal. */
    private static boolean isSame(Object value, Object other) {
        return value == other
                || ((value instanceof Boolean || value instanceof Long || value instanceof String)
                        && value.equals(other));
    }
}
