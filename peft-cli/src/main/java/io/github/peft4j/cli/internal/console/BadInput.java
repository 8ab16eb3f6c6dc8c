package io.github.peft4j.cli.internal.console;

/** What the user gave cannot be used; the message says what is wrong, expected and found, where, and what to do. Exit code 2. */
public final class BadInput extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BadInput(String message) {
        super(message);
    }

    public BadInput(String message, Throwable cause) {
        super(message, cause);
    }

    /** A check of input, or work that does nothing but read it. */
    @FunctionalInterface
    public interface Check<T, E extends Exception> {
        /** Returns what was read. */
        T run() throws E;
    }

    /**
     * Runs a check; what libraries throw at bad arguments and at what is not implemented becomes the user's error. What fails outside of
     * such a check is the program's.
     */
    public static <T, E extends Exception> T when(Check<T, E> check) throws E {
        try {
            return check.run();
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }
}
