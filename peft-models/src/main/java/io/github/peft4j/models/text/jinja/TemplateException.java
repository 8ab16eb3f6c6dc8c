package io.github.peft4j.models.text.jinja;

/** A template that cannot be read or rendered, or that refuses what it was given; the message is one line. */
public final class TemplateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what is wrong
     */
    public TemplateException(String message) {
        super(message);
    }
}
