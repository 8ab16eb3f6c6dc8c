package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Arithmetic;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Numbers;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Filters of numbers. */
final class NumberFilters {

    static final Map<String, Filters.Filter> ALL = Map.of(
            "abs", NumberFilters::absolute,
            "int", NumberFilters::integer,
            "float", NumberFilters::real,
            "round", NumberFilters::round,
            "sum", NumberFilters::sum);

    /** No float has more digits behind the point. */
    private static final int MOST_PRECISION = 323;

    /** Every float is rounded to 0 here. */
    private static final int LEAST_PRECISION = -309;

    private NumberFilters() {}

    private static Object absolute(Frame frame, Object value, Arguments arguments) {
        arguments.bind("abs");
        if (!Numbers.isNumber(value)) {
            throw Types.wrong("the filter abs", value);
        }
        return value instanceof Double number
                ? (Object) Math.abs(number)
                : Numbers.whole(value) < 0 ? Numbers.compute("-", 0L, value) : Numbers.whole(value);
    }

    private static Object integer(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("int", "default", "base");
        Object otherwise = bound.or("default", 0L);
        if (value instanceof String text) {
            frame.run().budget().spend(Budget.STEP + 2L * text.length());
            try {
                return Long.valueOf(text.strip(), Math.max(2, Math.min(36, bound.integer("base", 10))));
            } catch (NumberFormatException e) {
                return real(text) instanceof Double number ? truncated(number, otherwise) : otherwise;
            }
        } else if (value instanceof Double number) {
            return truncated(number, otherwise);
        }
        return Numbers.isWhole(value) ? Numbers.whole(value) : otherwise(value, otherwise, "int");
    }

    private static Object truncated(double number, Object otherwise) {
        return Math.abs(number) < 0x1p63 ? (Object) (long) number : otherwise;
    }

    private static Object otherwise(Object value, Object otherwise, String filter) {
        if (value instanceof Undefined) {
            throw Types.wrong("the filter " + filter, value);
        }
        return otherwise;
    }

    private static Object real(Frame frame, Object value, Arguments arguments) {
        Object otherwise = arguments.bind("float", "default").or("default", 0.0);
        if (value instanceof String text) {
            frame.run().budget().spend(Budget.STEP + 2L * text.length());
            Object number = real(text);
            return number == None.NONE ? otherwise : number;
        }
        return Numbers.isNumber(value) ? Numbers.real(value) : otherwise(value, otherwise, "float");
    }

    /** The float that a text spells, or None. Java's suffixes and hexadecimals are no floats in Python. */
    private static Object real(String text) {
        String digits = text.strip();
        if (digits.length() > 64 || !digits.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
            return None.NONE;
        }
        return Double.valueOf(digits);
    }

    private static Object round(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("round", "precision", "method");
        int precision = Math.max(LEAST_PRECISION, bound.integer("precision", 0));
        if (!Numbers.isNumber(value)) {
            throw Types.wrong("the filter round", value);
        }
        RoundingMode mode = switch (bound.text("method", "common")) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw new TemplateException("round: the method must be common, ceil or floor");
        };
        frame.run().budget().spend(Text.NUMBER);
        double number = Numbers.real(value);
        boolean counts = Numbers.isWhole(value) && mode == RoundingMode.HALF_EVEN;
        boolean unchanged = precision > MOST_PRECISION || (precision >= 0 && Math.abs(number) >= 0x1p53);
        if (Double.isNaN(number) || Double.isInfinite(number) || unchanged) {
            return counts ? (Object) Numbers.whole(value) : (Object) number;
        }
        BigDecimal rounded = new BigDecimal(number).setScale(precision, mode);
        return counts ? (Object) rounded.longValueExact() : (Object) rounded.doubleValue();
    }

    private static Object sum(Frame frame, Object value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sum", "attribute", "start");
        Object total = bound.or("start", 0L);
        Object path = bound.or("attribute", None.NONE);
        Budget budget = frame.run().budget();
        for (Object item : Elements.all(budget, value)) {
            Object addend = path == None.NONE ? item : ChoiceFilters.path(frame, item, path);
            budget.spend(Budget.STEP);
            total = Arithmetic.compute(budget, "+", total, addend);
        }
        return total;
    }
}
