package io.github.peft4j.cli.internal.console;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks of what was given, beyond what the parser of the command line can see. */
public final class Given {

    private Given() {}

    /**
     * An option without which a command cannot run.
     *
     * @param value what was given, or null
     * @param option its name
     * @param expected what it takes
     */
    public record Needed<T>(@Nullable T value, String option, String expected) {

        /**
         * The value.
         *
         * @throws BadInput if there is none
         */
        public T required() {
            if (value == null) {
                throw new BadInput("missing " + option + ": expected " + expected);
            }
            return value;
        }
    }

    /**
     * Checks that none is missing, so that all that are can be told at once.
     *
     * @throws BadInput if one is
     */
    public static void all(Needed<?>... options) {
        List<Needed<?>> missing =
                Arrays.stream(options).filter(option -> option.value == null).toList();
        if (missing.size() == 1) {
            missing.get(0).required();
        } else if (!missing.isEmpty()) {
            throw new BadInput("missing "
                    + missing.stream()
                            .map(option -> option.option + " (" + option.expected + ")")
                            .collect(Collectors.joining(", ")));
        }
    }

    /** A number that must not be below another. */
    public static void atLeast(long least, @Nullable Number value, String option) {
        if (value != null && value.longValue() < least) {
            throw new BadInput(option + " must be at least " + least + ", got " + value);
        }
    }

    /** Options of which one has no meaning without the other. */
    public static void needs(boolean given, String option, boolean other, String needed) {
        if (given && !other) {
            throw new BadInput(option + " has no effect without " + needed + ": give both or neither");
        }
    }
}
