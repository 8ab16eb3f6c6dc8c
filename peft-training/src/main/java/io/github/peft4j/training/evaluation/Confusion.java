package io.github.peft4j.training.evaluation;

import java.util.Map;
import java.util.TreeMap;

/** How often each class was predicted, was right, and both at once. */
final class Confusion {

    /** Of one class. */
    private static final class Counts {
        private long both;
        private long predicted;
        private long expected;

        /** The harmonic mean of precision and recall; 0 if the class occurs nowhere. */
        private double f1() {
            return predicted + expected == 0 ? 0 : 2.0 * both / (predicted + expected);
        }
    }

    private final Map<Integer, Counts> classes = new TreeMap<>();
    private final long rows;

    private Confusion(long rows) {
        this.rows = rows;
    }

    /** Of rows with one class each. */
    static Confusion ofClasses(int[] predicted, int[] expected) {
        RowPairs.check(predicted.length, expected.length);
        Confusion found = new Confusion(predicted.length);
        for (int row = 0; row < predicted.length; row++) {
            if (predicted[row] < 0 || expected[row] < 0) {
                throw new IllegalArgumentException("row " + row + " has class " + predicted[row] + " predicted and "
                        + expected[row] + " right: classes are numbered from 0");
            }
            found.of(predicted[row]).predicted++;
            found.of(expected[row]).expected++;
            if (predicted[row] == expected[row]) {
                found.of(predicted[row]).both++;
            }
        }
        return found;
    }

    /** Of rows to which any of several labels apply. */
    static Confusion ofLabels(boolean[][] predicted, boolean[][] expected) {
        Confusion found = new Confusion(predicted.length);
        for (int row = 0; row < predicted.length; row++) {
            for (int label = 0; label < expected[row].length; label++) {
                Counts counts = found.of(label);
                counts.predicted += predicted[row][label] ? 1 : 0;
                counts.expected += expected[row][label] ? 1 : 0;
                counts.both += predicted[row][label] && expected[row][label] ? 1 : 0;
            }
        }
        return found;
    }

    private Counts of(int number) {
        return classes.computeIfAbsent(number, any -> new Counts());
    }

    long rows() {
        return rows;
    }

    long correct() {
        return classes.values().stream().mapToLong(counts -> counts.both).sum();
    }

    double f1Macro() {
        return classes.values().stream().mapToDouble(Counts::f1).sum() / classes.size();
    }

    double f1Micro() {
        Counts all = new Counts();
        classes.values().forEach(counts -> {
            all.both += counts.both;
            all.predicted += counts.predicted;
            all.expected += counts.expected;
        });
        return all.f1();
    }

    double matthews() {
        double together = 0;
        double predicted = (double) rows * rows;
        double expected = (double) rows * rows;
        for (Counts counts : classes.values()) {
            together += (double) counts.predicted * counts.expected;
            predicted -= (double) counts.predicted * counts.predicted;
            expected -= (double) counts.expected * counts.expected;
        }
        return predicted == 0 || expected == 0
                ? 0
                : ((double) correct() * rows - together) / (Math.sqrt(predicted) * Math.sqrt(expected));
    }
}
