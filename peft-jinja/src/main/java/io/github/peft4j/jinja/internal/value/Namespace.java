package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one thing that a template can change from inside a loop: {@code namespace(found=false)}. */
public final class Namespace {

    private final Map<String, Object> attributes = new LinkedHashMap<>();

    public Object get(String name) {
        Object value = attributes.get(name);
        return value == null ? Undefined.element(this, TemplateException.shown(name)) : value;
    }

    public void set(String name, Object value) {
        if (name.startsWith("_")) {
            throw new TemplateException(
                    "templates cannot store underscore-prefixed attributes on a namespace, got '" + name + "'");
        }
        attributes.put(name, value);
    }

    Map<String, Object> attributes() {
        return attributes;
    }
}
