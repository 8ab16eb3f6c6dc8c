package io.github.peft4j.models.hub;

import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;

/** A model that is not where its name says, or a hub cache that cannot be read; the message is one line of bounded length. */
public final class HubException extends IOException {

    /**
     * Creates an exception.
     *
     * @param message what is wrong, expected and found, where, what to do
     */
    public HubException(String message) {
        super(Printable.message(message));
    }

    /**
     * Creates an exception that stands for another.
     *
     * @param message what is wrong, expected and found, where, what to do
     * @param cause what the file system reported
     */
    public HubException(String message, Throwable cause) {
        super(Printable.message(message), cause);
    }
}
