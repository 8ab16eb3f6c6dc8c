package io.github.peft4j.training.data.columnar.internal;

/** A row that cannot be read, while those behind it can; the message says why. */
public final class UnreadableRow extends Exception {

    private static final long serialVersionUID = 1L;

    /** Says why. */
    public UnreadableRow(String message) {
        super(message);
    }
}
