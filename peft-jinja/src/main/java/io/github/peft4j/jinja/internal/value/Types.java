package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What kinds of values there are: their Python names and which of them count as true. */
public final class Types {

    private static final Map<Class<?>, String> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put(String.class, "str");
        NAMES.put(Long.class, "int");
        NAMES.put(Double.class, "float");
        NAMES.put(Boolean.class, "bool");
        NAMES.put(None.class, "NoneType");
        NAMES.put(List.class, "list");
        NAMES.put(Tuple.class, "tuple");
        NAMES.put(Map.class, "dict");
        NAMES.put(Undefined.class, "Undefined");
        NAMES.put(OneShot.class, "generator");
        NAMES.put(Namespace.class, "Namespace");
        NAMES.put(Markup.class, "Markup");
        NAMES.put(Loop.class, "LoopContext");
    }

    private Types() {}

    /** Python's name of a value's type. */
    public static String name(Object value) {
        if (value instanceof DictView view) {
            return view.kind();
        }
        for (Map.Entry<Class<?>, String> type : NAMES.entrySet()) {
            if (type.getKey().isInstance(value)) {
                return type.getValue();
            }
        }
        return "function";
    }

    /** Python's truth of a value: nothing, zero and what is empty are false. */
    public static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value instanceof Number number) {
            return number.doubleValue() != 0;
        } else if (value instanceof String text) {
            return !text.isEmpty();
        } else if (value instanceof Markup markup) {
            return !markup.text().isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        List<?> items = value instanceof List<?> list
                ? list
                : value instanceof Tuple tuple ? tuple.items() : value instanceof DictView view ? view.items() : null;
        return items == null ? value != None.NONE && !(value instanceof Undefined) : !items.isEmpty();
    }

    public static TemplateException wrong(String operation, Object value) {
        return value instanceof Undefined undefined
                ? undefined.used()
                : new TemplateException(operation + " is not possible with '" + name(value) + "'");
    }
}
