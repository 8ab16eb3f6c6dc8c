package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;

/** Something that a template can call: a macro, a method, a global function. */
public interface Callable {

    /**
     * Calls it.
     *
     * @param frame where the call stands
     * @throws TemplateException if the arguments do not fit
     */
    Object call(Frame frame, Arguments arguments);
}
