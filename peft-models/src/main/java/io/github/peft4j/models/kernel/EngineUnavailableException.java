package io.github.peft4j.models.kernel;

/** PyTorch cannot be loaded, or not for a device: its message says what is missing and how to add it. */
public final class EngineUnavailableException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    EngineUnavailableException(String message) {
        super(message);
    }

    EngineUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
