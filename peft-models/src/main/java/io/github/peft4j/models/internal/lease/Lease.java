package io.github.peft4j.models.internal.lease;

/** A right to use something that several threads share, until it is closed; a second call of {@link #close} does nothing. */
public interface Lease extends AutoCloseable {

    @Override
    void close();
}
