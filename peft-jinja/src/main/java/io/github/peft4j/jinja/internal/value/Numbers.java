package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.PythonFloat;
import io.github.peft4j.jinja.internal.rendering.TemplateException;

/** Python's arithmetic on ints, floats and bools. Ints have 64 bits here; more is refused. */
public final class Numbers {

    private Numbers() {}

    /** Whether a value is an int or a bool, which counts as 0 or 1. */
    public static boolean isWhole(Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    public static boolean isNumber(Object value) {
        return isWhole(value) || value instanceof Double;
    }

    public static long whole(Object value) {
        return value instanceof Boolean flag ? (flag ? 1 : 0) : (Long) value;
    }

    public static double real(Object value) {
        return value instanceof Double number ? number : whole(value);
    }

    public static Object compute(String operator, Object left, Object right) {
        try {
            if (operator.equals("/")) {
                return real(left) / divisor(real(right));
            }
            return isWhole(left) && isWhole(right)
                    ? compute(operator, whole(left), whole(right))
                    : compute(operator, real(left), real(right));
        } catch (ArithmeticException e) {
            throw new TemplateException(left + " " + operator + " " + right + " does not fit 64 bits");
        }
    }

    private static Object compute(String operator, long left, long right) {
        switch (operator) {
            case "+":
                return Math.addExact(left, right);
            case "-":
                return Math.subtractExact(left, right);
            case "*":
                return Math.multiplyExact(left, right);
            case "//":
                divisor(right);
                if (left == Long.MIN_VALUE && right == -1) {
                    throw new ArithmeticException();
                }
                return Math.floorDiv(left, right);
            case "%":
                divisor(right);
                return Math.floorMod(left, right);
            default:
                return right < 0 ? (Object) Math.pow(divisor(left), right) : (Object) power(left, right);
        }
    }

    private static Object compute(String operator, double left, double right) {
        switch (operator) {
            case "+":
                return left + right;
            case "-":
                return left - right;
            case "*":
                return left * right;
            case "//":
                return Math.floor((left - modulo(left, divisor(right))) / right + 0.5);
            case "%":
                return modulo(left, divisor(right));
            default:
                return Math.pow(right < 0 ? divisor(left) : left, right);
        }
    }

    private static double divisor(double right) {
        if (right == 0) {
            throw new TemplateException("division by zero");
        }
        return right;
    }

    /** The remainder with the divisor's sign. */
    private static double modulo(double left, double right) {
        double remainder = left % right;
        return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder;
    }

    private static long power(long base, long exponent) {
        long result = 1;
        for (long square = base, rest = exponent; rest > 0; rest >>= 1) {
            if ((rest & 1) == 1) {
                result = Math.multiplyExact(result, square);
            }
            if (rest > 1) {
                square = Math.multiplyExact(square, square);
            }
        }
        return result;
    }

    /** The order of two numbers; exact also between an int and a float. Neither may be NaN. */
    public static int compare(Object left, Object right) {
        if (isWhole(left) && isWhole(right)) {
            return Long.compare(whole(left), whole(right));
        }
        if (left instanceof Double a && right instanceof Double b) {
            return a < b ? -1 : a > b ? 1 : 0;
        }
        return left instanceof Double a ? -exactly(whole(right), a) : exactly(whole(left), (Double) right);
    }

    private static int exactly(long whole, double real) {
        if (real >= 0x1p63) {
            return -1;
        } else if (real < -0x1p63) {
            return 1;
        }
        long floor = (long) Math.floor(real);
        return whole != floor ? Long.compare(whole, floor) : real > floor ? -1 : 0;
    }

    public static boolean isNan(Object value) {
        return value instanceof Double number && number.isNaN();
    }

    /** Python's repr of a float: the fewest digits that give the same float. */
    public static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        return PythonFloat.repr(value);
    }
}
