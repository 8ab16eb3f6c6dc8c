package io.github.peft4j.models.text.jinja;

/**
 * A variable or attribute that is not there: empty as text, false, without elements; anything else done to it fails.
 *
 * @param hint what was looked for, the beginning of the message of that failure
 */
record Undefined(String hint) {

    static Undefined name(String name) {
        return new Undefined(TemplateException.shown(name) + " is undefined");
    }

    /**
     * An element of a value.
     *
     * @param name as a message shows it
     */
    static Undefined element(Object owner, String name) {
        return new Undefined("'" + Types.name(owner) + "' has no attribute or element " + name);
    }

    /** An attribute that must not be reached. */
    static Undefined unsafe(String name) {
        return new Undefined("access to attribute " + TemplateException.shown(name) + " is not allowed in templates");
    }

    TemplateException used() {
        return new TemplateException(hint);
    }
}
