package io.github.peft4j.training.internal.work;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Things that one thread reads, others make something of, and a third takes in the order in which they were read. How many wait in between is bounded. What
 * fails comes at its place in the order, too, so that nothing depends on how fast threads are. Where there are few things, who asks does everything.
 *
 * <p>Safe for use by one thread, which closes it.
 */
public final class OrderedWork<A, B> implements AutoCloseable {

    /** Things that a thread works on in one go, */
    private static final int CHUNK = 64;

    /** or fewer if they are large. */
    private static final long CHUNK_SIZE = 1 << 20;

    private static final long WAIT_MS = 20;

    /** Where things come from; asked by one thread at a time. */
    @FunctionalInterface
    public interface Source<A> {

        /**
         * The next.
         *
         * @return null at the end
         * @throws IOException if it cannot be read
         */
        @Nullable
        A next() throws IOException;
    }

    /** What is made of one; called by several threads at once. */
    @FunctionalInterface
    public interface Step<A, B> {

        /**
         * Makes it.
         *
         * @throws IOException if nothing can be made of this or any other
         */
        B of(A thing) throws IOException;
    }

    private final Source<A> source;
    private final ToLongFunction<A> size;
    private final Step<A, B> step;
    private final int threads;
    private final BlockingQueue<Future<List<B>>> chunks;
    private @Nullable ExecutorService workers;
    private @Nullable Thread reader;
    private List<B> current = List.of();
    private int taken;
    /** Seen by one thread at a time: who asks, then the reader. */
    private boolean sourceEnded;

    private boolean ended;
    private volatile boolean closed;

    /**
     * Nothing is read yet.
     *
     * @param source stays its owner's, who closes it after this
     * @param size of a thing in bytes, about
     * @param threads that make something of things
     */
    public OrderedWork(Source<A> source, ToLongFunction<A> size, Step<A, B> step, int threads) {
        this.source = source;
        this.size = size;
        this.step = step;
        this.threads = threads;
        this.chunks = new ArrayBlockingQueue<>(2 * threads + 2);
    }

    /**
     * What the next thing became.
     *
     * @return null at the end
     * @throws IOException if things cannot be read any further, or from the step
     */
    public @Nullable B next() throws IOException {
        while (taken == current.size()) {
            if (ended) {
                return null;
            }
            // So it is if that fails.
            ended = true;
            current = nextChunk();
            taken = 0;
            ended = current.isEmpty();
        }
        return current.get(taken++);
    }

    private List<B> nextChunk() throws IOException {
        if (reader == null) {
            List<A> first = sourceEnded ? List.of() : chunk();
            if (sourceEnded) {
                return made(first);
            }
            start(first);
        }
        return Waiting.result(Waiting.of(chunks::take));
    }

    private void start(List<A> first) {
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> daemon(task, "encodes-rows"));
        workers = pool;
        chunks.add(pool.submit(() -> made(first)));
        Thread reading = daemon(() -> read(pool), "reads-rows");
        reader = reading;
        reading.start();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void read(ExecutorService pool) {
        try {
            while (!sourceEnded && !closed) {
                List<A> things = chunk();
                if (!things.isEmpty()) {
                    put(pool.submit(() -> made(things)));
                }
            }
            put(CompletableFuture.completedFuture(List.of()));
        } catch (IOException | RuntimeException | Error e) {
            put(CompletableFuture.failedFuture(e));
        }
    }

    private void put(Future<List<B>> chunk) {
        while (!closed && !Waiting.of(() -> chunks.offer(chunk, WAIT_MS, TimeUnit.MILLISECONDS))) {
            // There is no room yet.
        }
    }

    private List<A> chunk() throws IOException {
        List<A> things = new ArrayList<>();
        long bytes = 0;
        while (things.size() < CHUNK && bytes < CHUNK_SIZE) {
            A thing = source.next();
            if (thing == null) {
                sourceEnded = true;
                return things;
            }
            bytes += size.applyAsLong(thing);
            things.add(thing);
        }
        return things;
    }

    private List<B> made(List<A> things) throws IOException {
        List<B> made = new ArrayList<>(things.size());
        for (A thing : things) {
            made.add(step.of(thing));
        }
        return made;
    }

    @Override
    public void close() {
        closed = true;
        Thread reading = reader;
        if (reading != null) {
            Waiting.of(() -> {
                reading.join();
                return true;
            });
        }
        if (workers != null) {
            workers.shutdown();
        }
    }
}
