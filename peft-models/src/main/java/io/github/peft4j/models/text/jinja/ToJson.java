package io.github.peft4j.models.text.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The filter {@code tojson} as transformers defines it: Python's {@code json.dumps}, which escapes no HTML and no Unicode. */
final class ToJson {

    private final Budget budget;
    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable String indent;
    private final String comma;
    private final String colon;
    private final StringBuilder out = new StringBuilder();

    private ToJson(Budget budget, Arguments.Bound bound) {
        this.budget = budget;
        this.ascii = bound.flag("ensure_ascii");
        this.sorted = bound.flag("sort_keys");
        Object margin = bound.or("indent", None.NONE);
        this.indent = margin == None.NONE
                ? null
                : margin instanceof String text
                        ? text
                        : " ".repeat(TextFilters.width(budget, bound.integer("indent", 0)));
        Object separators = bound.or("separators", None.NONE);
        if (separators == None.NONE) {
            this.comma = indent == null ? ", " : ",";
            this.colon = ": ";
        } else {
            List<Object> both = Access.all(budget, separators);
            if (both.size() != 2 || !(both.get(0) instanceof String first) || !(both.get(1) instanceof String second)) {
                throw new TemplateException("tojson: separators must be two texts");
            }
            this.comma = first;
            this.colon = second;
        }
    }

    static String write(Budget budget, Object value, Arguments arguments) {
        ToJson json = new ToJson(budget, arguments.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"));
        json.write(value, 0);
        return json.out.toString();
    }

    private void put(String text) {
        budget.spend(text.length());
        out.append(text);
    }

    private void write(Object value, int nesting) {
        budget.spend(1);
        if (value instanceof String text) {
            quote(text);
        } else if (value instanceof Markup markup) {
            quote(markup.text());
        } else if (value instanceof Map<?, ?> map) {
            write(map, Budget.deeper(nesting));
        } else if (value instanceof List<?> list) {
            write(list, Budget.deeper(nesting));
        } else if (value instanceof Tuple tuple) {
            write(tuple.items(), Budget.deeper(nesting));
        } else if (value instanceof Undefined undefined) {
            throw undefined.used();
        } else {
            put(scalar(value));
        }
    }

    private static String scalar(Object value) {
        if (value == None.NONE) {
            return "null";
        } else if (value instanceof Boolean || value instanceof Long) {
            return value.toString();
        } else if (value instanceof Double number) {
            return Double.isNaN(number)
                    ? "NaN"
                    : Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.text(number);
        }
        throw Types.wrong("tojson", value);
    }

    private void write(List<?> items, int nesting) {
        put("[");
        String separator = "";
        for (Object item : items) {
            put(separator);
            newLine(nesting);
            write(item, nesting);
            separator = comma;
        }
        end(items.isEmpty(), nesting, "]");
    }

    private void write(Map<?, ?> map, int nesting) {
        put("{");
        String separator = "";
        for (Map.Entry<?, ?> entry : entries(map)) {
            put(separator);
            newLine(nesting);
            Object key = entry.getKey();
            quote(key instanceof String text ? text : scalar(key));
            put(colon);
            write(entry.getValue(), nesting);
            separator = comma;
        }
        end(map.isEmpty(), nesting, "}");
    }

    private List<Map.Entry<?, ?>> entries(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            Comparison comparison = new Comparison(budget);
            Comparator<Map.Entry<?, ?>> order = (a, b) -> comparison.compare(a.getKey(), b.getKey());
            entries.sort(order);
        }
        return entries;
    }

    private void newLine(int nesting) {
        if (indent != null) {
            budget.spend((long) indent.length() * nesting);
            out.append('\n').append(indent.repeat(nesting));
        }
    }

    private void end(boolean empty, int nesting, String close) {
        if (!empty) {
            newLine(nesting - 1);
        }
        put(close);
    }

    private void quote(String text) {
        budget.spend(text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
