package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;

/**
 * A variable or attribute that is not there: empty as text, false, without elements; anything else done to it fails.
 *
 * @param hint what was looked for, the beginning of the message of that failure
 */
public record Undefined(String hint) {

    public static Undefined name(String name) {
        return new Undefined(TemplateException.shown(name) + " is undefined");
    }

    /**
     * An element of a value.
     *
     * @param name as a message shows it
     */
    public static Undefined element(Object owner, String name) {
        return new Undefined("'" + Types.name(owner) + "' has no attribute or element " + name);
    }

    /** An attribute that must not be reached. */
    public static Undefined unsafe(String name) {
        return new Undefined("access to attribute " + TemplateException.shown(name) + " is not allowed in templates");
    }

    public TemplateException used() {
        return new TemplateException(hint);
    }
}
