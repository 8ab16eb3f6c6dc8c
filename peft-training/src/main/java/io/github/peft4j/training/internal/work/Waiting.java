package io.github.peft4j.training.internal.work;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Waits for threads that prepare something, also while the own thread is interrupted: they are done soon, and whoever trains looks for interruptions where a
 * run can stop. The thread stays interrupted if it was.
 */
public final class Waiting {

    private Waiting() {}

    /** What can be interrupted. */
    @FunctionalInterface
    interface Task<T> {
        T run() throws InterruptedException;
    }

    /** Does something that waits, again and again until it is not interrupted. */
    static <T> T of(Task<T> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.run();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits until it is done, or has failed. */
    static void until(Future<?> future) {
        of(() -> {
            try {
                future.get();
            } catch (ExecutionException e) {
                // Thrown where its result is asked for.
                return false;
            }
            return true;
        });
    }

    /**
     * What another thread made.
     *
     * @throws IOException if it failed so
     * @throws RuntimeException if it failed so
     */
    public static <T> T result(Future<T> future) throws IOException {
        Object made = of(() -> {
            try {
                return future.get();
            } catch (ExecutionException e) {
                return new Failure(Objects.requireNonNullElse(e.getCause(), e));
            }
        });
        if (made instanceof Failure failure) {
            throw failure.thrown();
        }
        @SuppressWarnings("unchecked")
        T result = (T) made;
        return result;
    }

    private record Failure(Throwable cause) {

        IOException thrown() {
            if (cause instanceof RuntimeException known) {
                throw known;
            }
            if (cause instanceof Error known) {
                throw known;
            }
            return cause instanceof IOException known ? known : new IOException(cause);
        }
    }
}
