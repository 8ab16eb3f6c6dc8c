package io.github.peft4j.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A running {@link FuzzWorker}, with the heap that the command has. */
final class WorkerProcess implements AutoCloseable {

    private static final int LAST_LINES = 12;

    private final Process process;
    private final Writer orders;
    private final Path output;

    private WorkerProcess(Process process, Path output) {
        this.process = process;
        this.orders = process.outputWriter(StandardCharsets.UTF_8);
        this.output = output;
    }

    static WorkerProcess start(Path work) throws IOException {
        Path output = work.resolve("output.txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + work.resolve("crash.log"),
                        "-Dai.djl.pytorch.num_threads=1",
                        "-Dai.djl.pytorch.num_interop_threads=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FuzzWorker.class.getName(),
                        work.toString()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new WorkerProcess(process, output);
    }

    void order(String line) throws IOException {
        orders.write(line + "\n");
        orders.flush();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Seconds of processor time that it has had, so that a busy machine makes nothing slow. */
    double seconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    }

    /** The end of what it wrote. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(output, StandardCharsets.ISO_8859_1);
            return process.exitValue() + " "
                    + lines.stream()
                            .skip(Math.max(0, lines.size() - LAST_LINES))
                            .collect(Collectors.joining(" | "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where its main thread is. */
    String whereabouts() {
        try {
            Process tool = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jstack")
                                    .toString(),
                            Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start();
            String text = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int main = text.indexOf("\"main\"");
            return main < 0
                    ? text
                    : text.substring(main).lines().limit(LAST_LINES).collect(Collectors.joining(" | "));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
