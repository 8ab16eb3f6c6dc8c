package io.github.peft4j.training.evaluation;

import java.util.function.IntUnaryOperator;

/** What predictions and targets must have in common. */
final class Checks {

    private Checks() {}

    /** Checks that there are rows, and as many of each. */
    static void sameRows(int predicted, int expected) {
        if (predicted != expected) {
            throw new IllegalArgumentException("predictions of " + predicted
                    + " rows cannot be compared with targets of " + expected + ": there must be as many of each");
        }
        if (predicted == 0) {
            throw new IllegalArgumentException("there are no rows to compare");
        }
    }

    /** The number of values that all rows have. */
    static int width(String what, int rows, IntUnaryOperator widths) {
        int width = widths.applyAsInt(0);
        if (width == 0) {
            throw new IllegalArgumentException("rows have no " + what + ": expected at least one");
        }
        for (int row = 0; row < rows; row++) {
            if (widths.applyAsInt(row) != width) {
                throw new IllegalArgumentException("row " + row + " has " + widths.applyAsInt(row) + " " + what
                        + ", expected " + width + " as in row 0");
            }
        }
        return width;
    }

    /** Checks that all rows have the same number of values. */
    static void sameWidths(String what, int rows, IntUnaryOperator predicted, IntUnaryOperator expected) {
        int width = expected.applyAsInt(0);
        if (width == 0) {
            throw new IllegalArgumentException("rows have no " + what + ": expected at least one");
        }
        for (int row = 0; row < rows; row++) {
            if (predicted.applyAsInt(row) != width || expected.applyAsInt(row) != width) {
                throw new IllegalArgumentException("row " + row + " has " + predicted.applyAsInt(row)
                        + " predicted and " + expected.applyAsInt(row) + " right " + what + ", expected " + width
                        + " of each as in row 0's target");
            }
        }
    }
}
