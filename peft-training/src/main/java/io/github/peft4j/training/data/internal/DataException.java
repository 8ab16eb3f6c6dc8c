package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;

/**
 * Data that cannot be trained on; the message is one line of bounded length that says which rows of which file are wrong and why, with
 * {@link Printable} characters only, whatever of the file is quoted in it.
 */
public final class DataException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message what is wrong, where, and what to do
     */
    public DataException(String message) {
        super(Printable.message(message));
    }

    /**
     * Creates an exception that stands for another.
     *
     * @param message what is wrong, where, and what to do
     * @param cause what the file system reported
     */
    public DataException(String message, Throwable cause) {
        super(Printable.message(message), cause);
    }
}
