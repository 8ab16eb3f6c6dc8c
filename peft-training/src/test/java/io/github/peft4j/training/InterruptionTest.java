package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import io.github.peft4j.training.report.Reports;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ctrl-C does to a run. */
class InterruptionTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(10)
            .batchSize(2)
            .learningRate(0.01)
            .saveEvery(100)
            .build();

    @TempDir
    Path folder;

    private static TrainingListener interruptingAfter(long step) {
        return new TrainingListener() {
            @Override
            public void step(TrainingListener.Step report) {
                if (report.step() == step) {
                    Thread.currentThread().interrupt();
                }
            }
        };
    }

    @Test
    void anInterruptedRunEndsCleanlyWithACheckpointAndGoesOnFromItExactly() throws Exception {
        Path output = folder.resolve("output");
        float[] straight;
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0.2)) {
            run.tuner(CONFIG.toBuilder().saveEvery(0).build()).train(Golden.rows());
            straight = run.weights();
        }
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0.2)) {
            TrainingResult result = run.tuner(CONFIG)
                    .checkpointsIn(output)
                    .listener(interruptingAfter(4))
                    .listener(Reports.csv(output.resolve("log.csv")))
                    .train(Golden.rows());
            // The flag stays set for whoever interrupted; and is cleared here for the next test.
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.steps()).isEqualTo(4);
            assertThat(result.peakRssMib()).isPositive();
            assertThat(run.recorder.saves)
                    .containsExactly(new TrainingListener.Saved(4, output.resolve("checkpoint-4")));
            assertThat(run.recorder.results).hasSize(1);
        }
        assertThat(Files.readAllLines(output.resolve("log.csv"))).hasSize(5);
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0.2)) {
            run.tuner(CONFIG)
                    .checkpointsIn(output)
                    .resumeFrom(output.resolve("checkpoint-4"))
                    .train(Golden.rows());
            assertThat(run.weights()).containsExactly(straight);
        }
    }

    @Test
    void withoutCheckpointsNothingIsWritten() throws Exception {
        Path output = folder.resolve("output");
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            TrainingResult result = run.tuner(CONFIG.toBuilder().saveEvery(0).build())
                    .checkpointsIn(output)
                    .listener(interruptingAfter(2))
                    .train(Golden.rows());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.steps()).isEqualTo(2);
            assertThat(output).doesNotExist();
        }
    }

    @Test
    void anInterruptionBeforeTheFirstStepLeavesNoCheckpoint() throws Exception {
        Path output = folder.resolve("output");
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            Thread.currentThread().interrupt();
            TrainingResult result = run.tuner(CONFIG).checkpointsIn(output).train(Golden.rows());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.steps()).isZero();
            assertThat(result.tokensPerSecond()).isZero();
            assertThat(output).doesNotExist();
        }
    }

    @Test
    void aTrainedModelIsSavedOnAnInterruptedThreadToo() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), 0)) {
            FineTuner tuner = run.tuner(CONFIG);
            Thread.currentThread().interrupt();
            tuner.save(folder.resolve("saved"));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(folder.resolve("saved/adapter_model.safetensors")).exists();
        }
    }
}
