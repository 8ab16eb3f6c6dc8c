package io.github.peft4j.models.internal.output;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process of its own that claims or writes something and then waits to be killed. */
final class OtherProcess implements AutoCloseable {

    static final String CLAIM = "claim";
    static final String WRITE = "write";

    private static final String READY = "ready";

    private final Process process;
    private final String output;

    private OtherProcess(Process process, String output) {
        this.process = process;
        this.output = output;
    }

    /** What the process does. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (AutoCloseable own =
                arguments[0].equals(CLAIM) ? ClaimedFolder.claim(folder) : TemporaryFile.in(folder, "file")) {
            out.println(READY);
            Thread.sleep(TimeUnit.MINUTES.toMillis(2));
        } catch (FolderInUseException e) {
            out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    /** Starts it and waits until it has what it wants. */
    static OtherProcess start(String what, Path folder) throws IOException {
        OtherProcess other = refused(what, folder);
        if (!other.output.equals(READY)) {
            other.close();
            throw new IllegalStateException("the other process said: " + other.output);
        }
        return other;
    }

    /** Starts it and waits for its first line. */
    static OtherProcess refused(String what, Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName(),
                        what,
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        // What Java says of its options, and the logger of itself, comes first.
        while (line != null && (line.startsWith("Picked up ") || line.startsWith("SLF4J"))) {
            line = lines.readLine();
        }
        return new OtherProcess(process, String.valueOf(line));
    }

    String output() {
        return output;
    }

    long pid() {
        return process.pid();
    }

    /** As kill -9 does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
