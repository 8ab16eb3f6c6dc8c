package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic of two values: numbers, and texts and lists one after the other or several times. */
public final class Arithmetic {

    private Arithmetic() {}

    /**
     * {@code a operator b}.
     *
     * @throws TemplateException if the values are not of kinds that the operator takes
     */
    public static Object compute(Budget budget, String operator, Object a, Object b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.compute(operator, a, b);
        } else if (operator.equals("+")) {
            return sum(budget, a, b);
        } else if (operator.equals("*") && (Numbers.isWhole(a) || Numbers.isWhole(b))) {
            return Numbers.isWhole(b) ? repeat(budget, a, Numbers.whole(b)) : repeat(budget, b, Numbers.whole(a));
        }
        throw impossible(operator, a, b);
    }

    private static TemplateException impossible(String operator, Object a, Object b) {
        if (a instanceof Undefined undefined) {
            return undefined.used();
        } else if (b instanceof Undefined undefined) {
            return undefined.used();
        }
        return new TemplateException(
                "'" + operator + "' is not possible between '" + Types.name(a) + "' and '" + Types.name(b) + "'");
    }

    private static Object sum(Budget budget, Object a, Object b) {
        if (a instanceof String left && b instanceof String right) {
            budget.make((long) left.length() + right.length());
            return left + right;
        } else if (a instanceof List<?> left && b instanceof List<?> right) {
            return joined(budget, left, right);
        } else if (a instanceof Tuple left && b instanceof Tuple right) {
            return new Tuple(joined(budget, left.items(), right.items()));
        }
        throw impossible("+", a, b);
    }

    private static List<Object> joined(Budget budget, List<?> left, List<?> right) {
        budget.spendElements((long) left.size() + right.size());
        List<Object> all = new ArrayList<>(left);
        all.addAll(right);
        return all;
    }

    private static Object repeat(Budget budget, Object value, long times) {
        long count = Math.max(0, times);
        if (value instanceof String text) {
            int copies = copies(text.length(), count);
            budget.make((long) text.length() * copies);
            return text.repeat(copies);
        } else if (value instanceof List<?> || value instanceof Tuple) {
            List<Object> items = Elements.all(budget, value);
            List<Object> all = new ArrayList<>();
            int copies = copies(items.size(), count);
            budget.spendElements((long) items.size() * copies);
            for (int i = 0; i < copies; i++) {
                all.addAll(items);
            }
            return value instanceof Tuple ? new Tuple(all) : all;
        }
        throw impossible("*", value, times);
    }

    private static int copies(int size, long count) {
        return size == 0 ? 0 : (int) Math.min(count, Integer.MAX_VALUE);
    }
}
