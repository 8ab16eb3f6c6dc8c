package io.github.peft4j.jinja.internal.rendering;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON as Python's {@code json.dumps} does, for the filter {@code tojson}. The engine leaves it to whoever renders, who has a writer of JSON
 * already; a template that uses the filter without one is refused.
 */
@FunctionalInterface
public interface JsonText {

    /** For templates that write no JSON. */
    JsonText NONE = (value, layout, view, out) -> {
        throw new TemplateException("the filter tojson is not available here: no writer of JSON was given");
    };

    /**
     * Writes a value.
     *
     * @param value of the template's own kinds; goes through the view before it is written, and so does what it holds
     * @param out takes the text in pieces
     */
    void write(Object value, Layout layout, View view, Consumer<String> out);

    /**
     * How JSON is laid out, by the arguments of {@code json.dumps}.
     *
     * @param ascii whether all but ASCII is escaped ({@code ensure_ascii})
     * @param indent what lines are moved to the right by; null for a single line
     * @param separators what stands between items, and between a key and its value; empty for Python's own
     */
    record Layout(boolean ascii, @Nullable String indent, List<String> separators) {}

    /** What a template's value is to JSON. */
    @FunctionalInterface
    interface View {

        /**
         * Null, a text, a truth value, a {@link Long}, a {@link Double}, a list, or a map with keys of the kinds before; lists and maps hold the
         * template's own kinds again.
         *
         * @param depth lists and maps around it
         * @throws TemplateException if it has no JSON, or writing it takes too much
         */
        @Nullable
        Object plain(Object value, int depth);
    }
}
