package io.github.peft4j.cli;

import org.jspecify.annotations.Nullable;

/** Checks of what was given, beyond what the parser of the command line can see. */
final class Given {

    private Given() {}

    /** A value that must be there. */
    static <T> T required(@Nullable T value, String option, String expected) {
        if (value == null) {
            throw new BadInput("missing " + option + ": expected " + expected);
        }
        return value;
    }

    /** A number that must not be below another. */
    static void atLeast(long least, @Nullable Number value, String option) {
        if (value != null && value.longValue() < least) {
            throw new BadInput(option + " must be at least " + least + ", got " + value);
        }
    }

    /** Options of which one has no meaning without the other. */
    static void needs(boolean given, String option, boolean other, String needed) {
        if (given && !other) {
            throw new BadInput(option + " has no effect without " + needed + ": give both or neither");
        }
    }
}
