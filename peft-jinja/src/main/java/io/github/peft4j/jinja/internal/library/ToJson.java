package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.JsonText;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Comparison;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Markup;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filter {@code tojson} as transformers defines it: Python's {@code json.dumps}, which escapes no HTML and no Unicode. */
final class ToJson {

    private final Budget budget;
    private final boolean sorted;

    private ToJson(Budget budget, boolean sorted) {
        this.budget = budget;
        this.sorted = sorted;
    }

    static String write(Frame frame, Object value, Arguments arguments) {
        Budget budget = frame.run().budget();
        Arguments.Bound bound = arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        JsonText.Layout layout =
                new JsonText.Layout(bound.flag("ensure_ascii"), indent(budget, bound), separators(budget, bound));
        StringBuilder out = new StringBuilder();
        ToJson json = new ToJson(budget, bound.flag("sort_keys"));
        frame.run().json().write(value, layout, json::plain, piece -> {
            budget.make(piece.length());
            out.append(piece);
        });
        return out.toString();
    }

    private static @Nullable String indent(Budget budget, Arguments.Bound bound) {
        Object margin = bound.or("indent", None.NONE);
        if (margin == None.NONE || margin instanceof String) {
            return margin instanceof String text ? text : null;
        }
        return " ".repeat(TextFilters.width(budget, bound.integer("indent", 0)));
    }

    private static List<String> separators(Budget budget, Arguments.Bound bound) {
        Object separators = bound.or("separators", None.NONE);
        if (separators == None.NONE) {
            return List.of();
        }
        List<Object> both = Elements.all(budget, separators);
        if (both.size() != 2 || !(both.get(0) instanceof String first) || !(both.get(1) instanceof String second)) {
            throw new TemplateException("tojson: separators must be two texts");
        }
        return List.of(first, second);
    }

    /** A value of a template's as the writer knows it, paid for before it is written. */
    private @Nullable Object plain(Object value, int depth) {
        budget.spend(Budget.ELEMENT);
        Object inner =
                value instanceof Markup markup ? markup.text() : value instanceof Tuple tuple ? tuple.items() : value;
        if (inner instanceof String text) {
            // With its quotation marks it is made before it is handed over.
            budget.make(text.length());
            return text;
        } else if (inner instanceof Map<?, ?> map) {
            Budget.deeper(depth);
            return object(map);
        } else if (inner instanceof List<?> list) {
            Budget.deeper(depth);
            return list;
        } else if (inner instanceof Undefined undefined) {
            throw undefined.used();
        }
        budget.spend(inner instanceof Double ? Text.NUMBER : 0);
        return scalar(inner);
    }

    private static @Nullable Object scalar(Object value) {
        if (value == None.NONE) {
            return null;
        } else if (value instanceof Boolean || value instanceof Long || value instanceof Double) {
            return value;
        }
        throw Types.wrong("tojson", value);
    }

    private Map<@Nullable Object, Object> object(Map<?, ?> map) {
        budget.spendElements(map.size());
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            Comparison comparison = new Comparison(budget);
            Comparator<Map.Entry<?, ?>> order = (a, b) -> comparison.compare(a.getKey(), b.getKey());
            entries.sort(order);
        }
        Map<@Nullable Object, Object> object = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries) {
            Object key = entry.getKey();
            budget.spendKey(key);
            object.put(key instanceof String ? key : scalar(key), entry.getValue());
        }
        return object;
    }
}
