package io.github.peft4j.models.text.jinja;

import io.github.peft4j.models.json.JsonQuoting;

/** A template that cannot be read or rendered, or that refuses what it was given; the message is one line of bounded length. */
public final class TemplateException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private static final int LONGEST_MESSAGE = 500;

    private static final int LONGEST_NAME = 60;

    /**
     * Creates an exception.
     *
     * @param message what is wrong; may hold text of the template's
     */
    public TemplateException(String message) {
        super(line(message, LONGEST_MESSAGE));
    }

    private TemplateException(TemplateException problem, int line) {
        super(problem.getMessage() + " (line " + line + ")");
    }

    /** The same problem with the template's line. */
    TemplateException at(int line) {
        return new TemplateException(this, line);
    }

    /** A text of the template's that names something, as a message shows it. */
    static String shown(String name) {
        return "'" + line(name, LONGEST_NAME) + "'";
    }

    /** White space as blanks, what cannot be seen escaped, the end left out if it is long. */
    private static String line(String text, int longest) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (line.length() >= longest) {
                return line.append("... (")
                        .append(text.length())
                        .append(" characters)")
                        .toString();
            }
            char c = text.charAt(i);
            if (c == '\n' || c == '\r' || c == '\t') {
                line.append(' ');
            } else if (isVisible(c)) {
                line.append(c);
            } else {
                JsonQuoting.escape(line, c);
            }
        }
        return line.toString();
    }

    private static boolean isVisible(char c) {
        int type = Character.getType(c);
        return !Character.isISOControl(c)
                && type != Character.FORMAT
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR;
    }
}
