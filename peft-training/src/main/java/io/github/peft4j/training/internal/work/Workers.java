package io.github.peft4j.training.internal.work;

import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.lease.Leases;
import io.github.peft4j.models.internal.natives.EngineThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Threads that compute with one model at a time, each by its share of the cores. The calling thread is the first of them, and what it may do with the
 * model, change it or read it, all may. The n-th task is always the n-th worker's.
 *
 * <p>Used by one thread. The others start when there is something to do for them and end with {@link #close}.
 */
public final class Workers implements AutoCloseable {

    private final int count;
    private final Leases leases;
    private final List<ExecutorService> others = new ArrayList<>();

    /**
     * As many workers.
     *
     * @param count at least 1
     * @param leases those of the model that they compute with
     */
    public Workers(int count, Leases leases) {
        this.count = count;
        this.leases = leases;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /**
     * Does tasks at a time, one each, and waits for all, whether or not one fails and also while it is interrupted. A single task has all cores.
     *
     * @param tasks no more than there are workers
     * @return their results, in order
     * @throws RuntimeException what the first in order of those that failed threw
     */
    public <T> List<T> run(List<Supplier<T>> tasks) {
        if (tasks.size() == 1) {
            return List.of(tasks.get(0).get());
        }
        int cores = EngineThreads.here();
        int share = Math.max(1, cores / count);
        Thread first = Thread.currentThread();
        FutureTask<T> own = new FutureTask<>(tasks.get(0)::get);
        List<Future<T>> all = new ArrayList<>(List.of(own));
        for (int i = 1; i < tasks.size(); i++) {
            Supplier<T> task = tasks.get(i);
            all.add(other(i - 1, share).submit(() -> {
                try (Lease same = leases.onBehalfOf(first)) {
                    return task.get();
                }
            }));
        }
        EngineThreads.set(share);
        own.run();
        // Also what threads that begin later get, which was a worker's share meanwhile.
        EngineThreads.set(cores);
        all.forEach(Waiting::until);
        return all.stream().map(Workers::result).toList();
    }

    private static <T> T result(Future<T> future) {
        try {
            return Waiting.result(future);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The thread of a worker, which has been told its share of the cores. */
    private ExecutorService other(int index, int share) {
        while (others.size() <= index) {
            String name = "peft4j-worker-" + (others.size() + 1);
            ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
                Thread made = new Thread(task, name);
                made.setDaemon(true);
                return made;
            });
            others.add(thread);
            result(thread.submit(() -> {
                EngineThreads.set(share);
                return share;
            }));
        }
        return others.get(index);
    }

    /** Ends the threads, which have nothing to do then. */
    @Override
    public void close() {
        others.forEach(ExecutorService::shutdown);
        others.clear();
    }
}
