package io.github.peft4j.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Has cases run by a worker, and notes whatever it found and whatever became of it. */
final class Fuzzer implements AutoCloseable {

    /** The most seconds of one thread that a case may take. */
    static final double MOST_SECONDS = 10;

    /** The most memory that a case may take, in MiB. */
    static final long MOST_MIB = 1024;

    static final String FAILURES = "failures.txt";

    static final String KEPT = "kept";

    /** After so many processes have ended, it is not the single case. */
    private static final int MOST_RESTARTS = 50;

    private static final long POLL_MILLISECONDS = 20;

    /** However busy the machine is. */
    private static final double MOST_WAITING_SECONDS = 120;

    private static final double NANOSECONDS = 1e9;

    private final Path work;
    private final Progress progress;
    private final List<String> failures = new ArrayList<>();
    private WorkerProcess worker;

    /** A fuzzer whose worker lives in a folder. */
    Fuzzer(Path work) throws IOException {
        this.work = Files.createDirectories(work).toRealPath();
        this.progress = Progress.in(this.work);
        this.worker = WorkerProcess.start(this.work);
    }

    /** Runs cases of a format, after those {@link Found} earlier, whose numbers are below 0; returns what to say of it in a line. */
    String run(String format, long from, long to) throws IOException, InterruptedException {
        progress.reset();
        order(format, -Found.of(format).size(), 0);
        order(format, from, to);
        return String.format(
                Locale.ROOT,
                "%s: %d of %d read, %.1f s",
                format,
                progress.read(),
                to - from + Found.of(format).size(),
                progress.seconds());
    }

    private void order(String format, long from, long to) throws IOException, InterruptedException {
        long next = from;
        for (int starts = 0; next < to; starts++) {
            if (starts == MOST_RESTARTS) {
                failures.add(format + " " + next + " and those after it are left out: too many processes have ended");
                return;
            }
            progress.begin(next);
            worker.order(format + " " + next + " " + to);
            String end = await();
            if (end.isEmpty()) {
                return;
            }
            long number = progress.number();
            keep(work, format, number);
            failures.add(format + " " + number + " " + end);
            worker.close();
            worker = WorkerProcess.start(work);
            next = number + 1;
        }
    }

    /** Waits for all cases to be done; returns why they are not, if so. */
    private String await() throws InterruptedException {
        long number = progress.number();
        double began = worker.seconds();
        long since = System.nanoTime();
        while (!progress.isDone()) {
            if (!worker.isAlive()) {
                return "ended the process: " + worker.lastWords();
            }
            if (progress.number() != number) {
                number = progress.number();
                began = worker.seconds();
                since = System.nanoTime();
            } else if (worker.seconds() - began > 2 * MOST_SECONDS
                    || (System.nanoTime() - since) / NANOSECONDS > MOST_WAITING_SECONDS) {
                return "takes longer than " + MOST_SECONDS + " s: " + worker.whereabouts();
            }
            Thread.sleep(POLL_MILLISECONDS);
        }
        return "";
    }

    /** Keeps the folder of a case. */
    static void keep(Path work, String format, long number) throws IOException {
        Sample.of(work.resolve(format)).write(work.resolve(KEPT).resolve(format + "-" + number));
    }

    /** What went wrong: format, number and what it was, with the folders of all these cases. */
    List<String> failures() throws IOException {
        List<String> all = new ArrayList<>(failures);
        Path found = work.resolve(FAILURES);
        if (Files.exists(found)) {
            all.addAll(Files.readAllLines(found));
        }
        return all;
    }

    @Override
    public void close() {
        worker.close();
    }
}
