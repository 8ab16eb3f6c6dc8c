package io.github.peft4j.cli.internal.console;

/** What the process ends with. */
public final class ExitCode {

    /** Done. */
    public static final int DONE = 0;

    /** Anything that is neither done nor the user's to mend. */
    public static final int FAILED = 1;

    /** Bad input or usage. */
    public static final int BAD_INPUT = 2;

    /** What a shell adds to a signal's number. */
    static final int BY_SIGNAL = 128;

    private ExitCode() {}
}
