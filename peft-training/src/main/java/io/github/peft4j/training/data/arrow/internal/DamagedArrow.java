package io.github.peft4j.training.data.arrow.internal;

import java.io.IOException;

/** A file that is not what Arrow's format asks for; the message says why, without the file's name, which whoever opened it adds. */
final class DamagedArrow extends IOException {

    private static final long serialVersionUID = 1L;

    DamagedArrow(String message) {
        super(message);
    }

    DamagedArrow(String message, Throwable cause) {
        super(message, cause);
    }
}
