package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Markup;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Filters that make text. Like Jinja's they take any value and print it first. */
final class TextFilters {

    /** A filter of a text without arguments. */
    private interface Change {
        String apply(String text);
    }

    static final Map<String, Filters.Filter> ALL = Map.ofEntries(
            Map.entry("string", plain("string", text -> text)),
            Map.entry("upper", plain("upper", text -> text.toUpperCase(Locale.ROOT))),
            Map.entry("lower", plain("lower", text -> text.toLowerCase(Locale.ROOT))),
            Map.entry("capitalize", plain("capitalize", Casing::capitalize)),
            Map.entry("title", (frame, value, arguments) -> {
                arguments.bind("title");
                return Casing.titleOfWords(frame.run().budget(), text(frame, value));
            }),
            Map.entry("safe", (frame, value, arguments) -> {
                arguments.bind("safe");
                return new Markup(Text.of(frame.run().budget(), value));
            }),
            Map.entry("trim", TextFilters::trim),
            Map.entry("replace", TextFilters::replace),
            Map.entry("indent", TextFilters::indent),
            Map.entry("join", TextFilters::join),
            Map.entry("tojson", ToJson::write));

    private TextFilters() {}

    private static Filters.Filter plain(String name, Change change) {
        return (frame, value, arguments) -> {
            arguments.bind(name);
            return change.apply(text(frame, value));
        };
    }

    private static String text(Frame frame, Object value) {
        if (value instanceof Markup) {
            throw Types.wrong("a filter of texts", value);
        }
        String text = Text.of(frame.run().budget(), value);
        frame.run().budget().make(text.length());
        return text;
    }

    private static Object trim(Frame frame, Object value, Arguments arguments) {
        return Stripping.strip(frame.run().budget(), text(frame, value), arguments, "trim");
    }

    private static Object replace(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        String old = text(frame, bound.required("old"));
        String by = text(frame, bound.required("new"));
        return StringMethods.replace(frame.run().budget(), text(frame, value), old, by, bound.integer("count", -1));
    }

    private static Object indent(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("indent", "width", "first", "blank");
        if (!(value instanceof String text)) {
            throw Types.wrong("the filter indent", value);
        }
        Budget budget = frame.run().budget();
        Object width = bound.or("width", 4L);
        String margin = width instanceof String given ? given : " ".repeat(width(budget, bound.integer("width", 4)));
        List<String> lines = new ArrayList<>();
        for (Object line : Elements.all(budget, Splitting.lines(budget, text + "\n", Arguments.NONE))) {
            boolean indented = lines.isEmpty() ? bound.flag("first") : bound.flag("blank") || !"".equals(line);
            budget.make(2L * (margin.length() + ((String) line).length() + 1L));
            lines.add(indented ? margin + line : (String) line);
        }
        return String.join("\n", lines);
    }

    /** The number of blanks of a margin, paid for. */
    static int width(Budget budget, int given) {
        int width = Math.max(0, given);
        budget.make(width);
        return width;
    }

    private static Object join(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", "d", "attribute");
        String separator = text(frame, bound.or("d", ""));
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object item : Elements.all(frame.run().budget(), value)) {
            frame.run().budget().make(separator.length());
            Object part = bound.has("attribute") ? ChoiceFilters.path(frame, item, bound.required("attribute")) : item;
            String text = Text.of(frame.run().budget(), part);
            frame.run().budget().make(text.length());
            out.append(first ? "" : separator).append(text);
            first = false;
        }
        return out.toString();
    }
}
