package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import java.util.List;
import java.util.Map;

/** Python's {@code str} and {@code repr}. */
public final class Text {

    /** Units that the digits of a float cost; those of very large and very small ones are many. */
    public static final int NUMBER = 1 << 14;

    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Text(Budget budget) {
        this.budget = budget;
    }

    /** A value as it is printed. */
    public static String of(Budget budget, Object value) {
        if (value instanceof String text) {
            return text;
        } else if (value instanceof Markup markup) {
            return markup.text();
        } else if (value instanceof Undefined) {
            return "";
        }
        return represented(budget, value);
    }

    /** A value as it stands inside a printed list. */
    public static String represented(Budget budget, Object value) {
        Text text = new Text(budget);
        text.represent(value, 0);
        return text.out.toString();
    }

    private void put(String text) {
        budget.make(text.length());
        out.append(text);
    }

    private void represent(Object value, int nesting) {
        budget.spend(Budget.ELEMENT);
        if (value instanceof String text) {
            quote(text);
        } else if (value instanceof Long || value == None.NONE || value instanceof Boolean) {
            put(
                    value instanceof Long
                            ? value.toString()
                            : value == None.NONE ? "None" : (Boolean) value ? "True" : "False");
        } else if (value instanceof Double number) {
            budget.spend(NUMBER);
            put(Numbers.text(number));
        } else if (value instanceof List<?> list) {
            represent("[", list, "]", nesting);
        } else if (value instanceof Tuple tuple) {
            represent("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")", nesting);
        } else if (value instanceof DictView view) {
            represent(view.kind() + "([", view.items(), "])", nesting);
        } else if (value instanceof Map<?, ?> map) {
            represent(map, nesting);
        } else if (value instanceof Undefined) {
            put("Undefined");
        } else if (value instanceof Namespace namespace) {
            put("<Namespace ");
            represent(namespace.attributes(), nesting);
            put(">");
        } else {
            throw new TemplateException("a '" + Types.name(value) + "' cannot be printed");
        }
    }

    private void represent(String open, List<?> items, String close, int nesting) {
        int deeper = Budget.deeper(nesting);
        put(open);
        String separator = "";
        for (Object item : items) {
            put(separator);
            represent(item, deeper);
            separator = ", ";
        }
        put(close);
    }

    private void represent(Map<?, ?> map, int nesting) {
        int deeper = Budget.deeper(nesting);
        put("{");
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            put(separator);
            represent(entry.getKey(), deeper);
            put(": ");
            represent(entry.getValue(), deeper);
            separator = ", ";
        }
        put("}");
    }

    private void quote(String text) {
        budget.make(4L * text.length());
        char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(mark);
        text.codePoints().forEach(c -> {
            if (c == mark || c == '\\') {
                out.append('\\').appendCodePoint(c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                out.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            } else if (isPrintable(c)) {
                out.appendCodePoint(c);
            } else {
                escape(c);
            }
        });
        out.append(mark);
    }

    private void escape(int codePoint) {
        int digits = codePoint < 0x100 ? 2 : codePoint < 0x10000 ? 4 : 8;
        budget.make(digits + 2L);
        out.append('\\').append(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
            out.append(Character.forDigit(codePoint >> shift & 15, 16));
        }
    }

    private static boolean isPrintable(int codePoint) {
        if (codePoint == ' ') {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }
}
