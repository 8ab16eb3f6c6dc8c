package io.github.peft4j.training.report.internal;

import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML in the making, which is well-formed XML as well: elements are closed in order, and texts and values of attributes are escaped, wherever
 * they come from. What is not seen as itself, control characters and bidirectional overrides for example, stands as {@link Printable} writes it.
 */
public final class Html {

    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Begins an element.
     *
     * @param attributes names and values in turn
     */
    public Html open(String element, String... attributes) {
        begin(element, attributes);
        out.append('>');
        open.push(element);
        return this;
    }

    /** Ends the element that was begun last. */
    public Html close() {
        out.append("</").append(open.pop()).append(">\n");
        return this;
    }

    /** An element that holds a text. */
    public Html leaf(String element, String text, String... attributes) {
        return open(element, attributes).text(text).close();
    }

    /** An element that holds nothing, by a name that HTML closes by itself or in a picture. */
    public Html empty(String element, String... attributes) {
        begin(element, attributes);
        out.append("/>\n");
        return this;
    }

    /** Adds a text. */
    public Html text(String text) {
        out.append(escaped(text));
        return this;
    }

    /** Adds a style sheet of this program's own, as it stands: texts of styles are not escaped in HTML. */
    Html style(String sheet) {
        if (sheet.indexOf('<') >= 0 || sheet.indexOf('&') >= 0) {
            throw new IllegalArgumentException("a style sheet with < or & is other text in HTML than in XML");
        }
        out.append("<style>").append(sheet).append("</style>\n");
        return this;
    }

    private void begin(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(attributes[i + 1]))
                    .append('"');
        }
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        Printable.text(text).codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                // XML has no place for these two.
                case 0xfffe, 0xffff -> escaped.append('\ufffd');
                default -> escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    /**
     * All of it.
     *
     * @throws IllegalStateException if an element is not closed
     */
    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("these elements are not closed: " + open);
        }
        return out.toString();
    }
}
