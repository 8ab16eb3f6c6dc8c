package io.github.peft4j.jinja.internal.rendering;

import java.util.regex.Pattern;

/**
 * A template that cannot be read or rendered, or that refuses what it was given. The message is one line. It may hold text of the template's, of any
 * length and with any characters, and is made fit for a terminal by whoever shows it.
 */
public final class TemplateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** Templates write messages in lines, which are to stay legible as one. */
    private static final Pattern WHITE_SPACE = Pattern.compile("[\\n\\r\\t]");

    /**
     * Creates an exception.
     *
     * @param message what is wrong; may hold text of the template's
     */
    public TemplateException(String message) {
        super(WHITE_SPACE.matcher(message).replaceAll(" "));
    }

    private TemplateException(TemplateException problem, int line) {
        super(problem.getMessage() + " (line " + line + ")");
    }

    /** The same problem with the template's line. */
    public TemplateException at(int line) {
        return new TemplateException(this, line);
    }

    /** A text of the template's that names something, as a message shows it. */
    public static String shown(String name) {
        return "'" + name + "'";
    }
}
