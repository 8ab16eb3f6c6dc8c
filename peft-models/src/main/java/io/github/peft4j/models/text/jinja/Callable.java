package io.github.peft4j.models.text.jinja;

/** Something that a template can call: a macro, a method, a global function. */
interface Callable {

    /**
     * Calls it.
     *
     * @param frame where the call stands
     * @throws TemplateException if the arguments do not fit
     */
    Object call(Frame frame, Arguments arguments);
}
