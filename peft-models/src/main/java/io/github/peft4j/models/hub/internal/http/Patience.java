package io.github.peft4j.models.hub.internal.http;

import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * How long is waited for a hub, and how often it is asked.
 *
 * @param attempts for one request
 * @param connecting for a connection
 * @param answering for an answer to begin, and then for each of its next bytes
 * @param first before the second attempt; each later one waits twice as long
 * @param longest that a hub may ask for by {@code Retry-After}; it is an error if it asks for more
 * @param pause waits
 */
public record Patience(
        int attempts, Duration connecting, Duration answering, Duration first, Duration longest, Pause pause) {

    /** Waits. */
    @FunctionalInterface
    public interface Pause {

        /** Returns when so much time has passed. */
        void of(Duration time) throws InterruptedException;
    }

    /** What suits most networks: five attempts over a quarter of a minute. */
    public static Patience usual() {
        return new Patience(
                5,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                time -> Thread.sleep(time.toMillis()));
    }

    /** This one with another time to wait for an answer and its next bytes. */
    public Patience answering(Duration time) {
        return new Patience(attempts, connecting, time, first, longest, pause);
    }

    /** Before another attempt. */
    Duration before(int attempt) {
        return first.multipliedBy(1L << Math.min(attempt - 1, 16));
    }

    /** Waits before another attempt, unless the thread is interrupted; the second is the first that waits. */
    public void pauseBefore(int attempt) throws InterruptedIOException {
        pause(before(attempt - 1));
    }

    /** Waits, unless the thread is interrupted. */
    void pause(Duration time) throws InterruptedIOException {
        try {
            pause.of(time);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /** What a thread throws that was interrupted, and still is. */
    static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }
}
