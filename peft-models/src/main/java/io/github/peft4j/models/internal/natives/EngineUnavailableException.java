package io.github.peft4j.models.internal.natives;

/** PyTorch cannot be loaded, or not for a device: its message says what is missing and how to add it. */
public final class EngineUnavailableException extends IllegalStateException {

    /** Missing, as far as a look at the class path tells. */
    public EngineUnavailableException(String message) {
        super(message);
    }

    /** Found, but not loaded: the cause says why. */
    public EngineUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
