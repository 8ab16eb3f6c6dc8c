package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Frame;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** Jinja's filters, those that chat templates use. */
public final class Filters {

    /** A filter. */
    interface Filter {
        Object apply(Frame frame, Object value, Arguments arguments);
    }

    private static final Map<String, Filter> ALL = new HashMap<>();

    static {
        ALL.putAll(TextFilters.ALL);
        ALL.putAll(SequenceFilters.ALL);
        ALL.putAll(ChoiceFilters.ALL);
        ALL.putAll(NumberFilters.ALL);
    }

    private Filters() {}

    static boolean exists(String name) {
        return ALL.containsKey(name);
    }

    /**
     * Applies a filter.
     *
     * @throws TemplateException if there is none of this name, or its arguments do not fit
     */
    public static Object apply(Frame frame, String name, Object value, Arguments arguments) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("no filter '" + name + "'. There are " + new TreeSet<>(ALL.keySet()));
        }
        return filter.apply(frame, value, arguments);
    }
}
