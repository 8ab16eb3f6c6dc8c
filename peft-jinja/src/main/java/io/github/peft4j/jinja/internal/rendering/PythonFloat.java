package io.github.peft4j.jinja.internal.rendering;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Floating-point numbers as Python writes them: the fewest digits that read back the same, and of those the nearest. */
public final class PythonFloat {

    /** Digits that tell any two doubles apart. */
    private static final int ENOUGH = 17;

    /** No two numbers of so many digits are read as the same double, so that one of them is the only one, and the shortest. */
    private static final int UNIQUE = 15;

    /** Exponents from here on are written as such. */
    private static final int LARGE = 16;

    private static final int SMALL = -4;

    private PythonFloat() {}

    /** Python's {@code repr(value)} of a finite number: {@code 1e-05}, {@code 0.05}, {@code 128.0}. */
    public static String repr(double value) {
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        return (value < 0 ? "-" : "") + text(shortest(Math.abs(value)));
    }

    /** How Python's JSON writes infinite numbers and NaN. */
    public static String notFinite(double value) {
        return Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    }

    /** Java's own digits read back the same, but are not always the fewest before Java 19; from there on one less is tried. */
    private static BigDecimal shortest(double value) {
        BigDecimal own = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int digits = own.precision();
        if (digits <= UNIQUE && value >= Double.MIN_NORMAL) {
            return own;
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal best = reading(exact, digits, value);
        while (best != null && digits > 1) {
            BigDecimal shorter = reading(exact, --digits, value);
            if (shorter == null) {
                return best;
            }
            best = shorter;
        }
        return best == null ? exact.round(new MathContext(ENOUGH, RoundingMode.HALF_EVEN)) : best;
    }

    /** The number of so many digits next to a value that reads back as the value; null if there is none. */
    private static @Nullable BigDecimal reading(BigDecimal exact, int digits, double value) {
        BigDecimal below = exact.round(new MathContext(digits, RoundingMode.DOWN));
        BigDecimal above = exact.round(new MathContext(digits, RoundingMode.UP));
        boolean belowReads = below.doubleValue() == value;
        boolean aboveReads = above.doubleValue() == value;
        if (belowReads && aboveReads) {
            // On a tie the even digit, as in Python.
            return exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
        }
        return belowReads ? below : aboveReads ? above : null;
    }

    private static String text(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        String digits = stripped.unscaledValue().toString();
        int exponent = digits.length() - 1 - stripped.scale();
        if (exponent < SMALL || exponent >= LARGE) {
            String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            int size = Math.abs(exponent);
            return mantissa + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
        }
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + digits;
        }
        if (digits.length() <= exponent + 1) {
            return digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
        }
        return digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
    }
}
