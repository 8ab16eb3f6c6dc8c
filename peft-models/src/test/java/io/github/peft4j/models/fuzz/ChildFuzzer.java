package io.github.peft4j.models.fuzz;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs numbered cases in processes of their own, so that one which ends the process, or never ends, is seen and told by its number.
 *
 * <p>A target is a class with {@code main(String[] args)} whose last two arguments are the first case and the one after the last. It calls {@link #begin}
 * before each case and {@link #fault} for what it finds out itself.
 */
public final class ChildFuzzer {

    private static final String BEGIN = "case ";
    private static final String FAULT = "fault ";
    private static final String END = "end";

    /** What may be used beyond what the process had before its first case. */
    private static final long MOST_MEMORY = 1L << 30;

    private static final long MOST_SECONDS = 10;

    /** The one channel to the parent, and the parent's to people. */
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private ChildFuzzer() {}

    /** Says which case comes now; called in the child. */
    public static void begin(long number) {
        say(BEGIN + number);
    }

    /** Says that a case found a fault; called in the child. */
    public static void fault(long number, String what) {
        say(FAULT + number + ": " + what.replaceAll("\\s+", " "));
    }

    /** Says that there are no more cases; called in the child. */
    public static void end() {
        say(END);
    }

    /** Prints a line. */
    public static void say(String line) {
        OUT.println(line);
    }

    /** The most memory that a process ever had, in bytes; 0 where the system does not tell it as Linux does. */
    private static long peak(String process) throws IOException {
        Path status = Path.of("/proc", process, "status");
        for (String line : Files.exists(status) ? Files.readAllLines(status) : List.<String>of()) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        return 0;
    }

    /**
     * Runs cases.
     *
     * @param target the class with {@code main}
     * @param arguments its arguments before the two numbers
     * @param from the first case
     * @param to the case after the last
     * @return the faults, one line each
     */
    public static List<String> run(String target, List<String> arguments, long from, long to)
            throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        long next = from;
        while (next < to) {
            next = child(target, arguments, next, to, faults);
        }
        return faults;
    }

    /** Runs one child as long as it lives; the case with which the next one begins. */
    private static long child(String target, List<String> arguments, long from, long to, List<String> faults)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-cp",
                ManagementFactory.getRuntimeMXBean().getClassPath(),
                target));
        command.addAll(arguments);
        command.add(Long.toString(from));
        command.add(Long.toString(to));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(process, lines));
        reader.setDaemon(true);
        reader.start();
        long now = from - 1;
        long base = 0;
        long waited = 6 * MOST_SECONDS;
        while (true) {
            String line = lines.poll(waited, TimeUnit.SECONDS);
            String what = "";
            if (line == null) {
                what = "takes more than " + waited + " s";
            } else if (line.startsWith(FAULT)) {
                faults.add(line.substring(FAULT.length()));
                continue;
            } else if (line.equals(END)) {
                process.waitFor();
                return to;
            } else if (line.startsWith(BEGIN)) {
                long peak = process.isAlive() ? peak(Long.toString(process.pid())) : 0;
                base = now < from ? peak : base;
                what = peak > base + MOST_MEMORY ? "takes " + ((peak - base) >> 20) + " MiB" : "";
                now = what.isEmpty() ? Long.parseLong(line.substring(BEGIN.length())) : now;
                waited = MOST_SECONDS;
            } else if (line.isEmpty()) {
                what = "ends the process with " + process.waitFor();
            }
            if (!what.isEmpty()) {
                process.destroyForcibly().waitFor();
                if (now < from) {
                    throw new IOException(target + " " + what + " before its first case");
                }
                faults.add(now + ": " + what);
                return now + 1;
            }
        }
    }

    private static void read(Process process, BlockingQueue<String> lines) {
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isEmpty()) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            // The process is gone, which the next line says.
        }
        lines.add("");
    }
}
