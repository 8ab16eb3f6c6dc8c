package io.github.peft4j.models.internal;

/** The check of sizes that must be multiples of others. */
public final class Divisible {

    private Divisible() {}

    /**
     * Requires a setting to be a multiple of another one.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static void require(String name, int value, String divisorName, int divisor) {
        if (value % divisor != 0) {
            throw new IllegalArgumentException(
                    name + " " + value + " is not a multiple of " + divisorName + " " + divisor);
        }
    }
}
