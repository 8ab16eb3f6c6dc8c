package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.batch.internal.ListedRows;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on rows that are read on the way. */
class StreamedRunTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(12)
            .batchSize(2)
            .accumulation(2)
            .learningRate(1e-2)
            .schedule(Schedule.CONSTANT)
            .build();

    @TempDir
    Path folder;

    private static Dataset.Streamed rows(RowSource... sources) {
        return Dataset.stream(List.of(sources), EncodingOptions.of(40)).withWindow(8);
    }

    private static Dataset.Streamed rows() {
        return rows(ListedRows.of("a", 1, 13), ListedRows.of("b", 20, 6));
    }

    /** What a run comes to that nobody stops. */
    private static float[] whole = {};

    @BeforeAll
    static void runOnceWhole(@TempDir Path folder) throws IOException {
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            assertThat(run.tuner(CONFIG).train(rows()).outcome()).isEqualTo(Outcome.COMPLETED);
            whole = run.weights();
        }
    }

    /** Windows of 8 rows, passes of 19 and steps of 4: what is stopped stands in the middle of a window, at its end, and in a later pass. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 7, 11})
    void aRunThatWasStoppedAndWentOnHasTheBitsOfOneThatWasNot(int stopped) throws IOException {
        TrainingConfig saving = CONFIG.toBuilder().saveEvery(1).build();
        Path checkpoints = folder.resolve("run");
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            TrainingResult result = run.tuner(saving)
                    .checkpointsIn(checkpoints)
                    .stopWhen(() -> run.recorder.steps.size() >= stopped)
                    .train(rows());
            assertThat(result.steps()).isEqualTo(stopped);
        }
        try (ToyRun run = ToyRun.lora(folder, 0.1)) {
            run.tuner(saving)
                    .checkpointsIn(checkpoints)
                    .resumeFrom(TrainingCheckpoints.newest(checkpoints).orElseThrow())
                    .train(rows());
            assertThat(run.weights()).isEqualTo(whole);
        }
    }

    @Test
    void dataThatChangedMeanwhileIsRefused() throws IOException {
        TrainingConfig saving = CONFIG.toBuilder().saveEvery(3).build();
        Path checkpoints = folder.resolve("run");
        try (ToyRun run = ToyRun.lora(folder, 0)) {
            run.tuner(saving).checkpointsIn(checkpoints).train(rows());
        }
        try (ToyRun run = ToyRun.lora(folder, 0)) {
            FineTuner tuner =
                    run.tuner(saving).checkpointsIn(checkpoints).resumeFrom(checkpoints.resolve("checkpoint-3"));
            assertThatThrownBy(() -> tuner.train(rows(ListedRows.of("a", 1, 13), ListedRows.of("b", 20, 7))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("data was streamed in windows of 8 rows, sha256 ");
        }
    }

    @Test
    void rowsThatCannotBeUsedEndTheRunWithACheckpoint() throws IOException {
        List<RowSource.Item> items = new ArrayList<>(ListedRows.of("a", 1, 13).items());
        items.set(9, RowSource.Item.unreadable(10, "not valid"));
        TrainingConfig saving = CONFIG.toBuilder().saveEvery(100).build();
        try (ToyRun run = ToyRun.lora(folder, 0)) {
            FineTuner tuner = run.tuner(saving).checkpointsIn(folder.resolve("run"));
            assertThatThrownBy(() -> tuner.train(rows(new ListedRows("a", items))))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("a line 10: not valid");
        }
        assertThat(TrainingCheckpoints.in(folder.resolve("run"))).containsExactly(folder.resolve("run/checkpoint-2"));
    }

    @Test
    void aRunNeedsANumberOfSteps() throws IOException {
        try (ToyRun run = ToyRun.lora(folder, 0)) {
            FineTuner tuner = run.tuner(CONFIG.toBuilder().steps(0).build());
            assertThatThrownBy(() -> tuner.train(rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "rows that are streamed have no known number, so the run needs a number of steps instead of"
                                    + " passes over the data");
        }
    }
}
