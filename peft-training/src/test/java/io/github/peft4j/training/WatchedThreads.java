package io.github.peft4j.training;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that are to end, and how often each thing happened in them; whatever is not foreseen begins with {@code UNEXPECTED}. */
final class WatchedThreads {

    private final Map<String, AtomicInteger> counts = new ConcurrentSkipListMap<>();

    void print(PrintStream out) {
        counts.forEach((what, count) -> out.println(what + ": " + count));
    }

    void count(String what) {
        counts.computeIfAbsent(what, unused -> new AtomicInteger()).incrementAndGet();
    }

    interface Work {
        void run() throws Exception;
    }

    Thread start(String name, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
                count(name + " done");
            } catch (IllegalStateException e) {
                boolean foreseen = String.valueOf(e.getMessage()).startsWith("this model is closed");
                count(foreseen ? name + " found the model closed" : unexpected(name, e));
            } catch (Throwable e) {
                count(unexpected(name, e));
            }
        });
        thread.start();
        return thread;
    }

    static String unexpected(String name, Throwable e) {
        StringBuilder text = new StringBuilder("UNEXPECTED in " + name + ": " + e);
        Arrays.stream(e.getStackTrace())
                .limit(12)
                .forEach(at -> text.append("\n    at ").append(at));
        return text.toString();
    }

    void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(60_000);
            if (thread.isAlive()) {
                count("UNEXPECTED: a thread is stuck at " + Arrays.toString(thread.getStackTrace()));
            }
        }
    }
}
