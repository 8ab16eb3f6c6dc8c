package io.github.peft4j.fuzz;

import io.github.peft4j.training.internal.state.ProcessMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The process that reads the changed files, since some of them might end it. It takes orders from standard input, a line each: a format, the first
 * case and the one after the last, where numbers below 0 stand for those {@link Found} earlier; {@link Progress} tells how far it is, and
 * {@code failures.txt} what went wrong.
 */
final class FuzzWorker {

    private static final double NANOSECONDS = 1e9;

    /** So many cases at a time have the files watched that they touch, since what was seen is lost if the process ends. */
    private static final long WATCHED = 5000;

    /** Of one process; more say nothing new, and fill the disk. */
    private static final int MOST_FAILURES = 500;

    private static final Path PEAK = Path.of("/proc/self/clear_refs");

    private final Path work;
    private final Progress progress;
    private final Map<String, Format> formats;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private int failures;

    private FuzzWorker(Path work) throws IOException {
        this.work = work;
        this.progress = Progress.in(work);
        // Its own, since the one before may have ended at any time.
        this.formats = Formats.byName(Files.createTempDirectory(work, "samples"));
    }

    public static void main(String[] arguments) throws IOException {
        FuzzWorker worker = new FuzzWorker(Path.of(arguments[0]).toRealPath());
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = orders.readLine()) != null; ) {
            String[] order = line.split(" ");
            worker.run(worker.formats.get(order[0]), Long.parseLong(order[1]), Long.parseLong(order[2]));
        }
    }

    private void run(Format format, long from, long to) throws IOException {
        Path folder = work.resolve(format.name());
        for (Sample sample : format.samples()) {
            sample.write(folder);
            Verdict verdict = Verdict.of(format, folder);
            if (verdict.kind() != Verdict.Kind.READ) {
                report(format, 0, "a good sample is not read: " + sample.files().keySet() + " " + verdict.what());
            }
        }
        for (long next = from; next < to; next += WATCHED) {
            watched(format, folder, next, Math.min(to, next + WATCHED));
        }
        progress.end();
    }

    private void watched(Format format, Path folder, long from, long to) throws IOException {
        List<Path> known = List.of(folder, work.resolve(Fuzzer.KEPT), work.resolve(Fuzzer.FAILURES));
        List<Sample> found = Found.of(format.name());
        List<Instant> starts = new ArrayList<>();
        try (FileWatch watch = FileWatch.begin()) {
            for (long number = from; number < to; number++) {
                starts.add(Instant.now());
                progress.begin(number);
                if (number < 0) {
                    found.get((int) (-1 - number)).write(folder);
                } else {
                    change(format, folder, number, number == from);
                }
                Verdict verdict = judged(format, folder);
                if (verdict.kind() == Verdict.Kind.FAILED) {
                    report(format, number, verdict.what());
                }
            }
            for (FileWatch.Stranger stranger : watch.end(work, known)) {
                int at = Collections.binarySearch(starts, stranger.at());
                report(format, from + (at < 0 ? -at - 2 : at), "touched " + stranger.path());
            }
        }
    }

    private static void change(Format format, Path folder, long number, boolean first) throws IOException {
        Sample sample = format.sample(number);
        if (first || number == 0 || format.sample(number - 1) != sample) {
            sample.write(folder);
        }
        for (Map.Entry<String, byte[]> change : format.changes(number).entrySet()) {
            // A new file each time: the old one may still be mapped.
            Path file = folder.resolve(change.getKey());
            Files.deleteIfExists(file);
            Files.write(file, change.getValue());
        }
    }

    private Verdict judged(Format format, Path folder) {
        forgetPeak();
        long before = ProcessMemory.peakMib();
        long start = threads.getCurrentThreadCpuTime();
        Verdict verdict = Verdict.of(format, folder);
        long nanoseconds = threads.getCurrentThreadCpuTime() - start;
        long grown = ProcessMemory.peakMib() - before;
        progress.count(verdict.kind() == Verdict.Kind.READ, nanoseconds);
        if (nanoseconds > Fuzzer.MOST_SECONDS * NANOSECONDS) {
            return Verdict.failed("took " + nanoseconds / NANOSECONDS + " s");
        }
        return grown > Fuzzer.MOST_MIB ? Verdict.failed("took " + grown + " MiB") : verdict;
    }

    /** Has Linux measure the most memory anew, since what one case took would hide what a later one takes. */
    private static void forgetPeak() {
        try {
            Files.writeString(PEAK, "5", StandardOpenOption.WRITE);
        } catch (IOException e) {
            // Not Linux, or not allowed: then only what is beyond all cases before is seen.
        }
    }

    private void report(Format format, long number, String what) throws IOException {
        failures++;
        if (failures > MOST_FAILURES) {
            return;
        }
        Fuzzer.keep(work, format.name(), number);
        Files.writeString(
                work.resolve(Fuzzer.FAILURES),
                format.name() + " " + number + " " + what + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
