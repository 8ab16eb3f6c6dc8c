package io.github.peft4j.models.hub.internal.http;

import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A hub cannot be reached, breaks off or fails. Trying again later, or what the local cache has, may help. */
public class HubException extends IOException {

    /** The message is one line, {@link Printable} whatever it quotes. */
    public HubException(String message) {
        this(message, null);
    }

    /** {@link #HubException(String)}, standing for another. */
    public HubException(String message, @Nullable Throwable cause) {
        super(Printable.message(message), cause);
    }

    /** A hub does not give what was asked for, and will not if asked again: the user must change something. */
    public static final class Refusal extends HubException {

        /** The message says what to do. */
        public Refusal(String message) {
            super(message);
        }
    }
}
