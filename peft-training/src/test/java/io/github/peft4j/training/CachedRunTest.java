package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.batch.internal.ListedRows;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs on rows that are encoded once into a file. */
class CachedRunTest {

    private static final EncodingOptions IDS = EncodingOptions.of(40);
    private static final List<RowSource> SOURCES = List.of(ListedRows.of("a", 1, 13), ListedRows.of("b", 20, 6));
    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .epochs(2)
            .batchSize(2)
            .accumulation(2)
            .learningRate(1e-2)
            .build();

    @TempDir
    Path folder;

    private Dataset.Cached cached() {
        return Dataset.cached(folder.resolve("cache"), SOURCES, IDS);
    }

    static List<TrainingConfig> configs() {
        return List.of(
                CONFIG,
                CONFIG.toBuilder().shuffle(false).build(),
                CONFIG.toBuilder().batchTokens(9).build(),
                CONFIG.toBuilder().groupByLength(true).build());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aRunHasTheBitsOfOneOnRowsInMemory(TrainingConfig config) throws IOException {
        float[] memory;
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            run.tuner(config).train(Dataset.from(SOURCES, IDS).rows());
            memory = run.weights();
        }
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            assertThat(run.tuner(config).train(cached()).outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(run.weights()).isEqualTo(memory);
        }
    }

    @Test
    void aRunThatBeganInMemoryGoesOnFromTheFile() throws IOException {
        float[] whole;
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            run.tuner(CONFIG).train(cached());
            whole = run.weights();
        }
        TrainingConfig saving = CONFIG.toBuilder().saveEvery(1).build();
        Path checkpoints = folder.resolve("run");
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            run.tuner(saving)
                    .checkpointsIn(checkpoints)
                    .stopWhen(() -> run.recorder.steps.size() >= 4)
                    .train(Dataset.from(SOURCES, IDS).rows());
        }
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            run.tuner(saving)
                    .checkpointsIn(checkpoints)
                    .resumeFrom(TrainingCheckpoints.newest(checkpoints).orElseThrow())
                    .train(cached());
            assertThat(run.weights()).isEqualTo(whole);
        }
    }
}
