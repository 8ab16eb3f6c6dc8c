package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.lease.Leases;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Work on files that an interruption of the calling thread must not break off: Java closes a file channel under a thread that is
 * interrupted, and a run is interrupted just when its last checkpoint is due.
 */
public final class Uninterrupted {

    /** The work. */
    @FunctionalInterface
    public interface Action {
        void run() throws IOException;
    }

    private Uninterrupted() {}

    /**
     * Does the work on a thread of its own and waits for it to end; an interruption stays pending meanwhile.
     *
     * @param leases what this thread has of them, the other has too
     */
    public static void run(Leases leases, Action action) throws IOException {
        Thread caller = Thread.currentThread();
        FutureTask<Void> task = new FutureTask<>(() -> {
            try (Lease lent = leases.onBehalfOf(caller)) {
                action.run();
            }
            return null;
        });
        new Thread(task, "peft4j-files").start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof IOException io) {
            return io;
        }
        if (cause instanceof RuntimeException runtime) {
            throw runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IOException(cause);
    }
}
