package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Equal seeds give equal bits, process by process. The model's weights are so large, and its rows so different in length, that products of
 * each kind occur, some for the first time after the checkpoint that a run is resumed from.
 */
class EqualSeedsTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(4)
            .batchSize(2)
            .learningRate(0.01)
            .shuffle(false)
            .saveEvery(2)
            .build();

    @TempDir
    private Path folder;

    /** One process: trains, from a checkpoint if there is one already. */
    public static void main(String[] arguments) throws Exception {
        Path output = Path.of(arguments[1]);
        try (ToyRun run = ToyRun.loraOn(Path.of(arguments[0]), wide())) {
            FineTuner tuner = run.tuner(CONFIG).checkpointsIn(output);
            TrainingCheckpoints.newest(output).ifPresent(tuner::resumeFrom);
            tuner.train(growing());
        }
    }

    private static ObjectNode wide() {
        ObjectNode config = Golden.at("runs", "llama-full", "config").deepCopy();
        return config.put("hidden_size", 640)
                .put("intermediate_size", 1800)
                .put("num_hidden_layers", 1)
                .put("num_attention_heads", 4)
                .put("num_key_value_heads", 4)
                .put("max_position_embeddings", 512);
    }

    /** Batches of 10, 20, 80 and 300 tokens. */
    private static List<Row> growing() {
        List<int[]> rows = new ArrayList<>();
        for (int length : new int[] {5, 5, 8, 12, 30, 50, 150, 150}) {
            int[] row = new int[length];
            Arrays.setAll(row, place -> 3 + (7 * place + length) % 17);
            rows.add(row);
        }
        return Batch.of(rows, rows).rows();
    }

    private Process start(Path output) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EqualSeedsTest.class.getName(),
                        folder.resolve("base").toString(),
                        output.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    private void run(Path output) throws Exception {
        int status = start(output).waitFor();
        assertThat(status).as(() -> "the process said: " + log()).isZero();
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void runsAreEqualToTheBitResumedOrNotAndWhateverElseTheMachineDoes() throws Exception {
        Path straight = folder.resolve("straight");
        run(straight);
        Path resumed = folder.resolve("resumed");
        copy(straight.resolve("checkpoint-2"), resumed.resolve("checkpoint-2"));
        List<Thread> others = Stream.generate(() -> new Thread(EqualSeedsTest::spin))
                .limit(Runtime.getRuntime().availableProcessors())
                .toList();
        others.forEach(Thread::start);
        try {
            run(folder.resolve("disturbed"));
            run(resumed);
        } finally {
            others.forEach(Thread::interrupt);
        }
        for (String file : new String[] {"adapter_model.safetensors", "optimizer.safetensors"}) {
            for (String other : new String[] {"disturbed", "resumed"}) {
                assertThat(folder.resolve(other).resolve("checkpoint-4").resolve(file))
                        .as(other)
                        .hasSameBinaryContentAs(straight.resolve("checkpoint-4").resolve(file));
            }
        }
    }

    private static void spin() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }
}
