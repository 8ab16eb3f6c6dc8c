package io.github.peft4j.training.config;

import java.util.ArrayList;
import java.util.List;

/** What numbers must keep to, so that all that do not are told at once. */
final class Requirements {

    private final List<String> problems = new ArrayList<>();

    /** Requires a finite number that is not smaller than another. */
    void atLeast(double least, double value, String rule) {
        require(value >= least && Double.isFinite(value), rule, value);
    }

    /** Requires a whole number that is not smaller than another. */
    void atLeast(long least, long value, String rule) {
        require(value >= least, rule, value);
    }

    /**
     * Requires something of a number.
     *
     * @param rule what it must be
     */
    void require(boolean kept, String rule, Number value) {
        require(kept, rule + ", got " + value);
    }

    /**
     * Requires something of several settings.
     *
     * @param rule what they must be
     */
    void require(boolean kept, String rule) {
        if (!kept) {
            problems.add(rule);
        }
    }

    /**
     * Ends if anything was not kept to.
     *
     * @throws IllegalArgumentException with all of it
     */
    void check() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }
}
