package io.github.peft4j.testkit.internal;

import java.util.Arrays;
import java.util.Locale;
import org.assertj.core.api.Assertions;

/** Comparisons of arrays of numbers, with messages that say where and by how much they differ. */
public final class ArrayAssertions {

    private ArrayAssertions() {}

    /**
     * Asserts that no value is further from the expected one than a share of the largest expected value.
     *
     * @param what the arrays are, for the message
     * @param tolerance the share, for example 1e-5
     */
    public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertSameLength(what, actual, expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        int worst = -1;
        double distance = 0;
        for (int i = 0; i < actual.length; i++) {
            double here = Math.abs((double) actual[i] - expected[i]);
            if (here > distance || Double.isNaN(here)) {
                worst = i;
                distance = here;
                if (Double.isNaN(here)) {
                    break;
                }
            }
        }
        if (Double.isNaN(distance) || distance > tolerance * largest) {
            Assertions.fail(String.format(
                    Locale.ROOT,
                    "%s: element %d of %d is %s, expected %s; the distance %.3g is more than %.3g of the largest"
                            + " expected value %.6g",
                    what,
                    worst,
                    actual.length,
                    actual[worst],
                    expected[worst],
                    distance,
                    tolerance,
                    largest));
        }
    }

    /**
     * Asserts that a number is close to another, relative to that other.
     *
     * @param what the number is, for the message
     */
    public static void assertClose(String what, double actual, double expected, double tolerance) {
        double distance = Math.abs(actual - expected);
        if (!(distance <= tolerance * Math.abs(expected))) {
            Assertions.fail(String.format(
                    Locale.ROOT,
                    "%s is %s, expected %s; the relative distance %.3g is more than %.3g",
                    what,
                    actual,
                    expected,
                    distance / Math.abs(expected),
                    tolerance));
        }
    }

    /**
     * Asserts that two arrays are equal to the last bit.
     *
     * @param what the arrays are, for the message
     */
    public static void assertSameBits(String what, float[] actual, float[] expected) {
        assertSameLength(what, actual, expected);
        for (int i = 0; i < actual.length; i++) {
            if (Float.floatToRawIntBits(actual[i]) != Float.floatToRawIntBits(expected[i])) {
                Assertions.fail(what + ": element " + i + " of " + actual.length + " is " + actual[i]
                        + ", expected exactly " + expected[i]);
            }
        }
    }

    /**
     * Asserts that two arrays differ somewhere.
     *
     * @param what the arrays are, for the message
     */
    public static void assertDiffers(String what, float[] actual, float[] other) {
        if (Arrays.equals(actual, other)) {
            Assertions.fail(what + ": all " + actual.length + " elements are the same, expected a difference");
        }
    }

    private static void assertSameLength(String what, float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            Assertions.fail(what + ": got " + actual.length + " elements, expected " + expected.length);
        }
    }
}
