package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Comparison;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.OneShot;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters of lists and dicts. */
final class SequenceFilters {

    static final Map<String, Filters.Filter> ALL = Map.ofEntries(
            Map.entry("length", SequenceFilters::length),
            Map.entry("count", SequenceFilters::length),
            Map.entry("list", (frame, value, arguments) -> {
                arguments.bind("list");
                return Elements.all(frame.run().budget(), value);
            }),
            Map.entry("items", SequenceFilters::items),
            Map.entry("first", SequenceFilters::first),
            Map.entry("last", SequenceFilters::last),
            Map.entry("reverse", SequenceFilters::reverse),
            Map.entry("sort", SequenceFilters::sort),
            Map.entry("dictsort", SequenceFilters::sortedItems),
            Map.entry("unique", SequenceFilters::unique),
            Map.entry("min", (frame, value, arguments) -> extreme(frame, value, arguments, "min")),
            Map.entry("max", (frame, value, arguments) -> extreme(frame, value, arguments, "max")));

    private SequenceFilters() {}

    private static Object length(Frame frame, Object value, Arguments arguments) {
        arguments.bind("length");
        return Elements.length(frame.run().budget(), value);
    }

    private static Object items(Frame frame, Object value, Arguments arguments) {
        arguments.bind("items");
        if (value instanceof Undefined) {
            return new OneShot(Collections.emptyIterator());
        } else if (value instanceof Map<?, ?> map) {
            return new OneShot(ContainerMethods.items(frame.run().budget(), map).iterator());
        }
        throw Types.wrong("the filter items", value);
    }

    private static Object first(Frame frame, Object value, Arguments arguments) {
        arguments.bind("first");
        var items = Elements.iterate(frame.run().budget(), value);
        return items.hasNext() ? items.next() : new Undefined("first: the sequence is empty");
    }

    private static Object last(Frame frame, Object value, Arguments arguments) {
        arguments.bind("last");
        if (value instanceof OneShot) {
            throw Types.wrong("the filter last", value);
        }
        List<Object> items = Elements.all(frame.run().budget(), value);
        return items.isEmpty() ? new Undefined("last: the sequence is empty") : items.get(items.size() - 1);
    }

    private static Object reverse(Frame frame, Object value, Arguments arguments) {
        arguments.bind("reverse");
        List<Object> items = Elements.all(frame.run().budget(), value);
        Collections.reverse(items);
        if (value instanceof String) {
            frame.run().budget().make(2L * items.size());
            StringBuilder text = new StringBuilder();
            items.forEach(text::append);
            return text.toString();
        }
        return value instanceof OneShot ? items : new OneShot(items.iterator());
    }

    private static Object sort(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        List<Object> items = Elements.all(frame.run().budget(), value);
        Object path = bound.or("attribute", None.NONE);
        sort(frame, items, bound.flag("reverse"), item -> key(frame, item, path, bound.flag("case_sensitive")));
        return items;
    }

    /** What to order a value by. */
    private interface Key {
        Object of(Object item);
    }

    private static void sort(Frame frame, List<Object> items, boolean reverse, Key key) {
        Comparison comparison = frame.comparison();
        Comparator<Object> order = (a, b) -> comparison.compare(key.of(a), key.of(b));
        items.sort(reverse ? order.reversed() : order);
    }

    /** The attribute to go by, if one is named, in lower case unless case matters. */
    private static Object key(Frame frame, Object item, @Nullable Object path, boolean caseMatters) {
        Object key = path == null || path == None.NONE ? item : ChoiceFilters.path(frame, item, path);
        if (caseMatters || !(key instanceof String text)) {
            return key;
        }
        frame.run().budget().make(text.length());
        return text.toLowerCase(Locale.ROOT);
    }

    private static Object sortedItems(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        if (!(value instanceof Map<?, ?> map)) {
            throw Types.wrong("the filter dictsort", value);
        }
        String by = bound.text("by", "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateException("dictsort: 'by' must be 'key' or 'value', got '" + by + "'");
        }
        int part = by.equals("key") ? 0 : 1;
        List<Object> items = ContainerMethods.items(frame.run().budget(), map);
        boolean caseMatters = bound.flag("case_sensitive");
        sort(
                frame,
                items,
                bound.flag("reverse"),
                item -> key(frame, ((Tuple) item).items().get(part), null, caseMatters));
        return items;
    }

    private static Object unique(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
        Object path = bound.or("attribute", None.NONE);
        List<Object> seen = new ArrayList<>();
        List<Object> kept = new ArrayList<>();
        for (Object item : Elements.all(frame.run().budget(), value)) {
            Object key = key(frame, item, path, bound.flag("case_sensitive"));
            if (!frame.comparison().contains(seen, key)) {
                seen.add(key);
                kept.add(item);
            }
        }
        return new OneShot(kept.iterator());
    }

    private static Object extreme(Frame frame, Object value, Arguments arguments, String name) {
        Arguments.Bound bound = arguments.bind(name, "case_sensitive", "attribute");
        Object path = bound.or("attribute", None.NONE);
        List<Object> items = Elements.all(frame.run().budget(), value);
        if (items.isEmpty()) {
            return new Undefined(name + ": the sequence is empty");
        }
        boolean caseMatters = bound.flag("case_sensitive");
        Comparison comparison = frame.comparison();
        Object best = items.get(0);
        for (Object item : items.subList(1, items.size())) {
            int order = comparison.compare(key(frame, item, path, caseMatters), key(frame, best, path, caseMatters));
            best = (name.equals("min") ? order < 0 : order > 0) ? item : best;
        }
        return best;
    }
}
