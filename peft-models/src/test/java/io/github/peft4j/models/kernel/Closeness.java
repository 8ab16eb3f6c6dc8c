package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

/** Comparison of arrays relative to the largest expected value. */
public final class Closeness {

    private Closeness() {}

    public static void assertClose(float[] actual, float[] expected, double tolerance, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0.1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double worst = 0;
        int at = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) actual[i] - expected[i]) / largest;
            if (Double.isNaN(difference) || difference > worst) {
                worst = difference;
                at = i;
            }
            if (Double.isNaN(worst)) {
                break;
            }
        }
        if (!(worst <= tolerance)) {
            throw new AssertionError(what + ": element " + at + " is " + actual[at] + ", expected " + expected[at]
                    + "; off by " + worst + " of the largest, at most " + tolerance + " allowed");
        }
    }
}
