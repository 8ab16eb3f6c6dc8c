package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.rendering.TemplateException;
import java.util.List;
import java.util.Map;

/** What kinds of values there are: their Python names and which of them count as true. */
public final class Types {

    private Types() {}

    /** Python's name of a value's type. */
    public static String name(Object value) {
        if (value instanceof String) {
            return "str";
        } else if (value instanceof Long) {
            return "int";
        } else if (value instanceof Double) {
            return "float";
        } else if (value instanceof Boolean) {
            return "bool";
        } else if (value == None.NONE) {
            return "NoneType";
        } else if (value instanceof List) {
            return "list";
        } else if (value instanceof Tuple) {
            return "tuple";
        } else if (value instanceof Map) {
            return "dict";
        } else if (value instanceof DictView view) {
            return view.kind();
        } else if (value instanceof Undefined) {
            return "Undefined";
        } else if (value instanceof OneShot) {
            return "generator";
        } else if (value instanceof Namespace) {
            return "Namespace";
        } else if (value instanceof Markup) {
            return "Markup";
        }
        return value instanceof Loop ? "LoopContext" : "function";
    }

    /** Python's truth of a value. */
    public static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value instanceof String text) {
            return !text.isEmpty();
        } else if (value instanceof Long number) {
            return number != 0;
        } else if (value instanceof Double number) {
            return number != 0;
        } else if (value instanceof List<?> list) {
            return !list.isEmpty();
        } else if (value instanceof Tuple tuple) {
            return !tuple.items().isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        } else if (value instanceof DictView view) {
            return !view.items().isEmpty();
        } else if (value instanceof Markup markup) {
            return !markup.text().isEmpty();
        }
        return value != None.NONE && !(value instanceof Undefined);
    }

    public static TemplateException wrong(String operation, Object value) {
        return value instanceof Undefined undefined
                ? undefined.used()
                : new TemplateException(operation + " is not possible with '" + name(value) + "'");
    }
}
