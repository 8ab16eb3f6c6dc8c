package io.github.peft4j.models.checkpoint;

import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;

/**
 * A checkpoint file that cannot be used; the message is one line of bounded length that names the file, what was expected and what was found, with
 * {@link Printable} characters only, whatever of the file is quoted in it.
 */
public final class CheckpointException extends IOException {

    /**
     * Creates an exception.
     *
     * @param message what is wrong, expected and found, where, what to do
     */
    public CheckpointException(String message) {
        super(Printable.message(message));
    }

    /**
     * Creates an exception that stands for another.
     *
     * @param message what is wrong, expected and found, where, what to do
     * @param cause what the file system or a parser reported
     */
    public CheckpointException(String message, Throwable cause) {
        super(Printable.message(message), cause);
    }
}
