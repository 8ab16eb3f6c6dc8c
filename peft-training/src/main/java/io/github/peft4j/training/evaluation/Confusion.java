package io.github.peft4j.training.evaluation;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How often each class, label or type of entity was predicted, was right, and both at once. */
final class Confusion {

    /** Of one class. */
    static final class Counts {
        private long both;
        private long predicted;
        private long expected;

        long expected() {
            return expected;
        }

        /** How much of what was predicted is right; 0 if nothing was. */
        double precision() {
            return predicted == 0 ? 0 : both / (double) predicted;
        }

        /** How much of what is right was predicted; 0 if nothing is. */
        double recall() {
            return expected == 0 ? 0 : both / (double) expected;
        }

        /** The harmonic mean of precision and recall; 0 if the class occurs nowhere. */
        double f1() {
            return predicted + expected == 0 ? 0 : 2.0 * both / (predicted + expected);
        }
    }

    private final Map<Comparable<?>, Counts> classes = new TreeMap<>();
    private long units;
    private long right;

    private Confusion() {}

    /** Of rows with one class each. */
    static Confusion ofClasses(int[] predicted, int[] expected) {
        Confusion found = new Confusion();
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
            found.unit(predicted[row] == expected[row]);
        }
        return found;
    }

    /** Of rows to which any of several labels apply; a row is right if all are. */
    static Confusion ofLabels(boolean[][] predicted, boolean[][] expected) {
        Confusion found = new Confusion();
        for (int row = 0; row < predicted.length; row++) {
            for (int label = 0; label < expected[row].length; label++) {
                Counts counts = found.of(label);
                counts.predicted += predicted[row][label] ? 1 : 0;
                counts.expected += expected[row][label] ? 1 : 0;
                counts.both += predicted[row][label] && expected[row][label] ? 1 : 0;
            }
            found.unit(Arrays.equals(predicted[row], expected[row]));
        }
        return found;
    }

    /** Of types of entities; what is right or not besides is each tag. */
    static Confusion ofTags(Entities scheme, List<List<String>> predicted, List<List<String>> expected) {
        Confusion found = new Confusion();
        for (int row = 0; row < expected.size(); row++) {
            Set<Entities.Entity> said = new HashSet<>(scheme.in(predicted.get(row), row));
            Set<Entities.Entity> there = new HashSet<>(scheme.in(expected.get(row), row));
            said.forEach(entity -> found.of(entity.type()).predicted++);
            there.forEach(entity -> found.of(entity.type()).expected++);
            said.retainAll(there);
            said.forEach(entity -> found.of(entity.type()).both++);
            for (int token = 0; token < expected.get(row).size(); token++) {
                found.unit(
                        predicted.get(row).get(token).equals(expected.get(row).get(token)));
            }
        }
        return found;
    }

    private Counts of(Comparable<?> name) {
        return classes.computeIfAbsent(name, any -> new Counts());
    }

    private void unit(boolean isRight) {
        units++;
        right += isRight ? 1 : 0;
    }

    /** Of each class that occurs, and of each label. */
    List<Counts> all() {
        return List.copyOf(classes.values());
    }

    /** Of one class, whether it occurs or not. */
    Counts only(int number) {
        return classes.getOrDefault(number, new Counts());
    }

    /** Of all together. */
    Counts sum() {
        Counts sum = new Counts();
        classes.values().forEach(counts -> {
            sum.both += counts.both;
            sum.predicted += counts.predicted;
            sum.expected += counts.expected;
        });
        return sum;
    }

    /** The share of what is right: of rows, or of tags. */
    double accuracy() {
        return right / (double) units;
    }

    /**
     * Matthews' correlation of several classes: \((c s - \sum_k p_k t_k) / \sqrt{(s^2 - \sum_k p_k^2)(s^2 - \sum_k t_k^2)}\) with s rows, c of
     * them right, \(p_k\) predicted as and \(t_k\) of class k; 0 if all rows are predicted as, or are of, one class.
     */
    double matthews() {
        double together = 0;
        double predicted = (double) units * units;
        double expected = (double) units * units;
        for (Counts counts : classes.values()) {
            together += (double) counts.predicted * counts.expected;
            predicted -= (double) counts.predicted * counts.predicted;
            expected -= (double) counts.expected * counts.expected;
        }
        return predicted == 0 || expected == 0
                ? 0
                : ((double) right * units - together) / (Math.sqrt(predicted) * Math.sqrt(expected));
    }
}
