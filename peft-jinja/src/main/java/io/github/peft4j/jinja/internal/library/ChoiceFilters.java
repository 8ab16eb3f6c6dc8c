package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.OneShot;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code map}, {@code select} and their relatives, which return generators, and {@code default}. */
final class ChoiceFilters {

    static final Map<String, Filters.Filter> ALL = Map.of(
            "map", ChoiceFilters::map,
            "select", (frame, value, arguments) -> choose(frame, value, arguments, false, true),
            "reject", (frame, value, arguments) -> choose(frame, value, arguments, false, false),
            "selectattr", (frame, value, arguments) -> choose(frame, value, arguments, true, true),
            "rejectattr", (frame, value, arguments) -> choose(frame, value, arguments, true, false),
            "default", ChoiceFilters::orElse,
            "d", ChoiceFilters::orElse);

    private ChoiceFilters() {}

    /** An element by its path, {@code a.b.0}. */
    static Object path(Frame frame, Object item, Object path) {
        Object value = item;
        if (!(path instanceof String text)) {
            return Access.item(frame.run().budget(), value, path);
        }
        frame.run().budget().make(8L * text.length());
        for (String part : text.split("\\.", -1)) {
            boolean number =
                    !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
            value = Access.item(frame.run().budget(), value, number ? (Object) Long.valueOf(part) : part);
        }
        return value;
    }

    private static Object map(Frame frame, Object value, Arguments arguments) {
        List<Object> results = new ArrayList<>();
        List<Object> items = items(frame, value);
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Arguments.Bound bound = arguments.bind("map", "attribute", "default");
            for (Object item : items) {
                frame.run().budget().spend(Budget.STEP);
                Object found = path(frame, item, bound.required("attribute"));
                results.add(found instanceof Undefined ? bound.or("default", found) : found);
            }
        } else {
            String filter = name(arguments, 0, "map", "filter");
            for (Object item : items) {
                frame.run().budget().spend(Budget.STEP);
                results.add(Filters.apply(frame, filter, item, arguments.from(1)));
            }
        }
        return new OneShot(results.iterator());
    }

    /** These filters take everything that is false, None for one, as empty. */
    private static List<Object> items(Frame frame, Object value) {
        return Types.isTrue(value) ? Elements.all(frame.run().budget(), value) : List.of();
    }

    private static String name(Arguments arguments, int index, String filter, String what) {
        if (arguments.positional().size() > index && arguments.positional().get(index) instanceof String name) {
            return name;
        }
        throw new TemplateException(filter + " needs the name of a " + what);
    }

    private static Object choose(Frame frame, Object value, Arguments arguments, boolean attribute, boolean keep) {
        int first = attribute ? 1 : 0;
        String filter = (keep ? "select" : "reject") + (attribute ? "attr" : "");
        if (arguments.positional().size() < first) {
            throw new TemplateException(filter + " needs the name of an attribute");
        }
        List<Object> kept = new ArrayList<>();
        for (Object item : items(frame, value)) {
            frame.run().budget().spend(Budget.STEP);
            Object tested = attribute ? path(frame, item, arguments.positional().get(0)) : item;
            boolean holds = arguments.positional().size() == first
                    ? Types.isTrue(tested)
                    : Tests.holds(frame, name(arguments, first, filter, "test"), tested, arguments.from(first + 1));
            if (holds == keep) {
                kept.add(item);
            }
        }
        return new OneShot(kept.iterator());
    }

    private static Object orElse(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("default", "default_value", "boolean");
        boolean missing = value instanceof Undefined || (bound.flag("boolean") && !Types.isTrue(value));
        return missing ? bound.or("default_value", "") : value;
    }
}
