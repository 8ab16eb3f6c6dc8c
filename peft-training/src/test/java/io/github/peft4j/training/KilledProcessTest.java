package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process, killed while it writes checkpoints after every step, and another that goes on. */
class KilledProcessTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(2000)
            .batchSize(2)
            .learningRate(0.01)
            .schedule(Schedule.CONSTANT)
            .saveEvery(1)
            .keep(2)
            .build();

    @TempDir
    Path folder;

    /** What the process does that is killed. */
    public static void main(String[] arguments) throws Exception {
        try (ToyRun run = ToyRun.adapter(Path.of(arguments[0]), 0.2)) {
            run.tuner(CONFIG).checkpointsIn(Path.of(arguments[1])).train(Golden.rows());
        }
    }

    @Test
    void theNewestCheckpointOfAKilledProcessIsCompleteAndGoesOnExactly() throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledProcessTest.class.getName(),
                        folder.resolve("base").toString(),
                        output.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            waitForCheckpoint(process, output, 20);
        } finally {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
        Path newest = TrainingCheckpoints.newest(output).orElseThrow();
        int step = Integer.parseInt(String.valueOf(newest.getFileName()).substring("checkpoint-".length()));
        TrainingConfig longer = CONFIG.toBuilder().steps(step + 3L).build();
        float[] straight;
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0.2)) {
            run.tuner(longer.toBuilder().saveEvery(0).build()).train(Golden.rows());
            straight = run.weights();
        }
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0.2)) {
            run.tuner(longer).checkpointsIn(output).resumeFrom(newest).train(Golden.rows());
            assertThat(run.weights()).containsExactly(straight);
        }
        // Nothing is left of what the killed process was at.
        File[] hidden = output.toFile().listFiles((parent, name) -> name.startsWith("."));
        assertThat(hidden).isEmpty();
        assertThat(TrainingCheckpoints.in(output)).hasSize(2);
    }

    private void waitForCheckpoint(Process process, Path output, int step) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            List<Path> checkpoints = TrainingCheckpoints.in(output);
            boolean reached = checkpoints.stream()
                    .anyMatch(c ->
                            Integer.parseInt(String.valueOf(c.getFileName()).substring("checkpoint-".length()))
                                    >= step);
            if (reached) {
                return;
            }
            assertThat(process.isAlive()).as(() -> log()).isTrue();
            Thread.sleep(5);
        }
        throw new AssertionError("no checkpoint within a minute: " + log());
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
