package io.github.peft4j.training.evaluation;

import java.util.function.IntUnaryOperator;

/** What predictions and targets must have in common. */
final class RowPairs {

    private RowPairs() {}

    /** Checks that there are rows, and as many of each. */
    static void check(int predicted, int expected) {
        if (predicted != expected) {
            throw new IllegalArgumentException("predictions of " + predicted
                    + " rows cannot be compared with targets of " + expected + ": there must be as many of each");
        }
        if (predicted == 0) {
            throw new IllegalArgumentException("there are no rows to compare");
        }
    }

    /** Checks that all rows have the same number of values. */
    static void checkWidths(String what, int rows, IntUnaryOperator predicted, IntUnaryOperator expected) {
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
