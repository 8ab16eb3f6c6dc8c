package io.github.peft4j.models.text.internal;

import io.github.peft4j.models.internal.message.Printable;

/**
 * A text that a tokenizer cannot encode, or ids that it cannot decode; the message names the tokenizer's file and the reason, in one line of
 * bounded length.
 *
 * <p>Reasons lie in the text (half of a surrogate pair, too long for what the file asks to be done to it) or in the file (a character that is not
 * in the vocabulary where there is no token for the unknown).
 */
public final class TokenizerException extends IllegalArgumentException {

    /**
     * Creates an exception.
     *
     * @param message what is wrong, where, what to do
     */
    public TokenizerException(String message) {
        super(Printable.message(message));
    }

    /**
     * Creates an exception that stands for another.
     *
     * @param message what is wrong, where, what to do
     * @param cause what the native library reported
     */
    public TokenizerException(String message, Throwable cause) {
        super(Printable.message(message), cause);
    }
}
