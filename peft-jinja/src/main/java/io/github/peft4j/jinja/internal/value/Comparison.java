package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's {@code ==}, {@code <} and {@code in}. */
public final class Comparison {

    /** Units that comparing two values costs beside their text. */
    private static final int STEP = 8;

    private final Budget budget;

    public Comparison(Budget budget) {
        this.budget = budget;
    }

    public boolean holds(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> ordered(operator, left, right);
        };
    }

    private boolean ordered(String operator, Object left, Object right) {
        if (Numbers.isNan(left) || Numbers.isNan(right)) {
            return false;
        }
        int order = compare(operator, left, right, 0);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    public boolean equal(Object left, Object right) {
        return equal(left, right, 0);
    }

    private boolean equal(Object left, Object right, int nesting) {
        budget.spend(STEP);
        if (left instanceof Markup markup) {
            return equal(markup.text(), right, nesting);
        } else if (right instanceof Markup markup) {
            return equal(left, markup.text(), nesting);
        } else if (left instanceof String a && right instanceof String b) {
            budget.spend(a.length() == b.length() ? a.length() : 1);
            return a.equals(b);
        } else if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return !Numbers.isNan(left) && !Numbers.isNan(right) && Numbers.compare(left, right) == 0;
        } else if (left instanceof List<?> a && right instanceof List<?> b) {
            return equal(a, b, Budget.deeper(nesting));
        } else if (left instanceof Tuple a && right instanceof Tuple b) {
            return equal(a.items(), b.items(), Budget.deeper(nesting));
        } else if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return equal(a, b, Budget.deeper(nesting));
        }
        return left == right || (left instanceof Undefined && right instanceof Undefined);
    }

    private boolean equal(List<?> left, List<?> right, int nesting) {
        if (left.size() != right.size()) {
            return false;
        }
        Iterator<?> others = right.iterator();
        for (Object item : left) {
            if (!equal(item, others.next(), nesting)) {
                return false;
            }
        }
        return true;
    }

    private boolean equal(Map<?, ?> left, Map<?, ?> right, int nesting) {
        if (left.size() != right.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : left.entrySet()) {
            budget.spendKey(entry.getKey());
            Object other = right.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other, nesting)) {
                return false;
            }
        }
        return true;
    }

    /** The order of two values, negative if the first comes first. */
    public int compare(Object left, Object right) {
        return compare("<", left, right, 0);
    }

    private int compare(String operator, Object left, Object right, int nesting) {
        budget.spend(STEP);
        if (left instanceof String a && right instanceof String b) {
            budget.spend(Math.min(a.length(), b.length()));
            return compareCodePoints(a, b);
        } else if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        } else if (left instanceof List<?> a && right instanceof List<?> b) {
            return compare(operator, a, b, Budget.deeper(nesting));
        } else if (left instanceof Tuple a && right instanceof Tuple b) {
            return compare(operator, a.items(), b.items(), Budget.deeper(nesting));
        } else if (left instanceof Undefined || right instanceof Undefined) {
            throw Types.wrong("'" + operator + "'", left instanceof Undefined ? left : right);
        }
        throw new TemplateException("'" + operator + "' is not possible between '" + Types.name(left) + "' and '"
                + Types.name(right) + "'");
    }

    private int compare(String operator, List<?> left, List<?> right, int nesting) {
        Iterator<?> others = right.iterator();
        for (Object item : left) {
            if (!others.hasNext()) {
                return 1;
            }
            Object other = others.next();
            if (!equal(item, other, nesting)) {
                return compare(operator, item, other, nesting);
            }
        }
        return others.hasNext() ? -1 : 0;
    }

    /** Java orders by UTF-16 units, Python by code points. */
    private static int compareCodePoints(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    public boolean contains(Object container, Object item) {
        if (container instanceof String text) {
            if (item instanceof String part) {
                budget.spendSearch(text, part);
                return text.contains(part);
            }
            throw Types.wrong("'in <text>'", item);
        } else if (container instanceof Map<?, ?> map) {
            budget.spendKey(item);
            return Elements.key(item) && map.containsKey(item);
        } else if (container instanceof Undefined) {
            return false;
        }
        Iterator<Object> items = Elements.iterate(budget, container);
        while (items.hasNext()) {
            if (equal(items.next(), item)) {
                return true;
            }
        }
        return false;
    }
}
