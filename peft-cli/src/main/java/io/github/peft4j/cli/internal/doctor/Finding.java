package io.github.peft4j.cli.internal.doctor;

import org.jspecify.annotations.Nullable;

/**
 * What was found of one thing.
 *
 * @param what the thing
 * @param found its state, in a line
 * @param ok whether it is as it should be
 * @param needed whether training on the CPU cannot do without it
 * @param advice what to do, or null
 */
public record Finding(
        String what,
        String found,
        boolean ok,
        boolean needed,
        @Nullable String advice) {

    /** Something that is as it should be. */
    static Finding good(String what, String found) {
        return new Finding(what, found, true, false, null);
    }

    /** Something that is not, and without which nothing can be trained. */
    static Finding missing(String what, String found, String advice) {
        return new Finding(what, found, false, true, advice);
    }

    /** Something that could be better; training on the CPU works all the same. */
    static Finding poor(String what, String found, String advice) {
        return new Finding(what, found, false, false, advice);
    }
}
