package io.github.peft4j.cli.internal.console;

/** There was not enough memory; the message says what takes less. Exit code 1. */
public final class Shortage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public Shortage(String message, Throwable cause) {
        super(message, cause);
    }
}
