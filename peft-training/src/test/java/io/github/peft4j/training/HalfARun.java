package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Runs of ten steps that are saved after five. */
abstract class HalfARun {

    enum Kind {
        ADAPTER,
        LORA,
        FULL,
        FULL_BFLOAT16
    }

    static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(10)
            .batchSize(2)
            .accumulation(2)
            .learningRate(0.01)
            .warmup(2)
            .weightDecay(0.1)
            .maxGradNorm(0.5)
            .build();

    static final TrainingConfig SAVING =
            CONFIG.toBuilder().saveEvery(5).evaluateEvery(5).build();

    @TempDir
    Path folder;

    ToyRun open(Kind kind) throws IOException {
        Path base = folder.resolve("base");
        return switch (kind) {
            case ADAPTER -> ToyRun.adapter(base, 0.3);
            case LORA -> ToyRun.lora(base, 0.3);
            case FULL -> ToyRun.full(base, Precision.FLOAT32);
            case FULL_BFLOAT16 -> ToyRun.full(base, Precision.BFLOAT16);
        };
    }

    Path output() {
        return folder.resolve("output");
    }

    /** Leaves {@code checkpoint-5} of a run that planned ten steps and was stopped after five. */
    Path firstHalf(Kind kind) throws IOException {
        try (ToyRun run = open(kind)) {
            TrainingResult result = run.tuner(SAVING)
                    .evaluateOn(Golden.rows())
                    .checkpointsIn(output())
                    .stopWhen(() -> run.recorder.steps.size() == 5)
                    .train(Golden.rows());
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
        }
        Path checkpoint = TrainingCheckpoints.newest(output()).orElseThrow();
        assertThat(checkpoint).hasFileName("checkpoint-5");
        return checkpoint;
    }
}
