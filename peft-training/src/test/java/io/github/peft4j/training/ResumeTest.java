package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.optimizer.ParameterGroup;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Training 10 steps is training 5, starting anew from the checkpoint, and training 5 more: to the bit. */
class ResumeTest extends HalfARun {

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aResumedRunIsTheUninterruptedRunToTheBit(Kind kind) throws Exception {
        List<TrainingListener.Step> straight = new ArrayList<>();
        float[] weights;
        double nll;
        try (ToyRun run = open(kind)) {
            run.tuner(CONFIG.toBuilder().evaluateEvery(5).build())
                    .evaluateOn(Golden.rows())
                    .train(Golden.rows());
            straight.addAll(run.recorder.steps);
            weights = run.weights();
            nll = run.recorder.evaluations.get(1).result().loss();
        }
        Path checkpoint = firstHalf(kind);
        try (ToyRun run = open(kind)) {
            TrainingResult result = run.tuner(SAVING)
                    .evaluateOn(Golden.rows())
                    .checkpointsIn(output())
                    .resumeFrom(checkpoint)
                    .train(Golden.rows());
            assertThat(result.steps()).isEqualTo(10);
            assertThat(run.recorder.steps).hasSize(5);
            for (int i = 0; i < 5; i++) {
                TrainingListener.Step expected = straight.get(5 + i);
                TrainingListener.Step step = run.recorder.steps.get(i);
                assertThat(step.step()).isEqualTo(expected.step());
                assertThat(step.loss()).isEqualTo(expected.loss());
                assertThat(step.gradNorm()).isEqualTo(expected.gradNorm());
                assertThat(step.learningRate()).isEqualTo(expected.learningRate());
            }
            assertThat(run.weights()).containsExactly(weights);
            assertThat(run.recorder.evaluations.get(0).result().loss()).isEqualTo(nll);
        }
    }

    @Test
    void aResumedRunOfTheLastBlockIsTheUninterruptedRunToTheBit() throws Exception {
        TrainingConfig half = SAVING.toBuilder().evaluateEvery(0).lastBlocks(1).build();
        float[] weights;
        try (ToyRun run = open(Kind.FULL_BFLOAT16)) {
            run.tuner(half.toBuilder().saveEvery(0).build()).train(Golden.rows());
            weights = run.weights();
        }
        try (ToyRun run = open(Kind.FULL_BFLOAT16)) {
            run.tuner(half)
                    .checkpointsIn(output())
                    .stopWhen(() -> run.recorder.steps.size() == 5)
                    .train(Golden.rows());
        }
        Path checkpoint = TrainingCheckpoints.newest(output()).orElseThrow();
        try (ToyRun run = open(Kind.FULL_BFLOAT16)) {
            assertThatThrownBy(() -> run.tuner(half.toBuilder().lastBlocks(2).build())
                            .checkpointsIn(output())
                            .resumeFrom(checkpoint)
                            .train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("whose run differs: layers_to_train was 1, is 2.");
        }
        try (ToyRun run = open(Kind.FULL_BFLOAT16)) {
            run.tuner(half).checkpointsIn(output()).resumeFrom(checkpoint).train(Golden.rows());
            assertThat(run.weights()).containsExactly(weights);
        }
    }

    @Test
    void aRunKnowsWhatWasLoggedBeforeItWasResumed() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        try (ToyRun run = open(Kind.ADAPTER)) {
            run.tuner(CONFIG).resumeFrom(checkpoint).train(Golden.rows());
            TrainingListener.Start start = run.recorder.starts.get(0);
            assertThat(start.firstStep()).isEqualTo(5);
            assertThat(start.history())
                    .extracting(TrainingListener.Logged::step)
                    .containsExactly(1L, 2L, 3L, 4L, 5L, 5L);
            assertThat(start.history().get(4).value("learning_rate")).hasValue(0.01 * 6 / 8);
            assertThat(start.history().get(4).value("eval_loss")).isEmpty();
            assertThat(start.history().get(5).value("eval_loss")).isPresent();
        }
    }

    static Stream<Changed> changed() {
        return Stream.of(
                new Changed(CONFIG.toBuilder().learningRate(0.02).build(), 0.3, "learning_rate was 0.01, is 0.02"),
                new Changed(
                        CONFIG.toBuilder().batchSize(4).accumulation(1).build(),
                        0.3,
                        "gradient_accumulation_steps was 2, is 1; per_device_train_batch_size was 2, is 4"),
                new Changed(CONFIG.toBuilder().seed(1).build(), 0.3, "seed was 42, is 1"),
                new Changed(
                        CONFIG.toBuilder().schedule(Schedule.COSINE).build(),
                        0.3,
                        "lr_scheduler_type was linear, is cosine"),
                new Changed(
                        CONFIG.toBuilder()
                                .group(ParameterGroup.of(".*").times(2))
                                .layerDecay(0.9)
                                .build(),
                        0.3,
                        "layer_decay was not set, is 0.9; parameter_groups was not set, is [{\"factor\": 2.0, \"pattern\": \".*\"}]"),
                new Changed(CONFIG, 0.1, "adapter default: dropout was 0.3, is 0.1"));
    }

    record Changed(TrainingConfig config, double dropout, String difference) {}

    @ParameterizedTest
    @MethodSource("changed")
    void otherSettingsAreRefusedByName(Changed changed) throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), changed.dropout)) {
            float[] before = run.weights();
            assertThatThrownBy(() ->
                            run.tuner(changed.config).resumeFrom(checkpoint).train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("cannot go on from " + checkpoint + ", whose run differs: " + changed.difference
                            + ". Use the same settings and data, or start a new run from the weights in that folder");
            assertThat(run.weights()).containsExactly(before);
        }
    }

    @Test
    void otherDataIsRefused() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        List<Row> fewer = Golden.rows().subList(0, 8);
        try (ToyRun run = open(Kind.ADAPTER)) {
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(checkpoint).train(fewer))
                    .hasMessageContaining("data was 9 rows, sha256 ")
                    .hasMessageContaining(", is 8 rows, sha256 ");
        }
    }

    @Test
    void aLongerRunMayGoOnAndAConstantScheduleMakesItOneLongRun() throws Exception {
        TrainingConfig constant = CONFIG.toBuilder().schedule(Schedule.CONSTANT).build();
        float[] straight;
        try (ToyRun run = open(Kind.ADAPTER)) {
            run.tuner(constant).train(Golden.rows());
            straight = run.weights();
        }
        try (ToyRun run = open(Kind.ADAPTER)) {
            run.tuner(constant.toBuilder().steps(5).saveEvery(5).build())
                    .checkpointsIn(output())
                    .train(Golden.rows());
        }
        try (ToyRun run = open(Kind.ADAPTER)) {
            run.tuner(constant)
                    .resumeFrom(TrainingCheckpoints.newest(output()).orElseThrow())
                    .train(Golden.rows());
            assertThat(run.weights()).containsExactly(straight);
        }
    }

    @Test
    void aRunThatIsDoneResumesToNothingAndAShorterOneIsRefused() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        try (ToyRun run = open(Kind.ADAPTER)) {
            TrainingResult result = run.tuner(CONFIG.toBuilder().steps(5).build())
                    .resumeFrom(checkpoint)
                    .train(Golden.rows());
            assertThat(result)
                    .isEqualTo(new TrainingResult(
                            Outcome.COMPLETED,
                            5,
                            0,
                            0,
                            result.peakRssMib(),
                            12 * 24,
                            run.model.parameterCount(),
                            null,
                            List.of()));
            assertThatThrownBy(() -> run.tuner(CONFIG.toBuilder().steps(4).build())
                            .resumeFrom(checkpoint)
                            .train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("cannot go on from " + checkpoint
                            + ": it has done 5 steps, more than the 4 that were asked for");
        }
    }

    @Test
    void aSecondRunInTheFolderIsRefused() throws Exception {
        firstHalf(Kind.ADAPTER);
        try (ToyRun run = open(Kind.ADAPTER)) {
            assertThatThrownBy(() -> run.tuner(CONFIG.toBuilder().saveEvery(5).build())
                            .checkpointsIn(output())
                            .train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(output() + " holds checkpoints of an earlier run, the newest checkpoint-5:"
                            + " resume from it, remove them, or choose another folder");
        }
    }

    @Test
    void aCheckpointOfAnotherProgramIsRefused() throws Exception {
        Path foreign = Files.createDirectories(folder.resolve("checkpoint-5"));
        Files.writeString(foreign.resolve("trainer_state.json"), "{\"global_step\": 5}");
        try (ToyRun run = open(Kind.ADAPTER)) {
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(foreign).train(Golden.rows()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage(foreign.resolve("trainer_state.json")
                            + " was not written by this version: expected format 1 under stateful_callbacks.peft4j, got absent."
                            + " Training goes on from its own checkpoints only");
            Files.writeString(foreign.resolve("trainer_state.json"), "{\"global_step");
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(foreign).train(Golden.rows()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(foreign.resolve("trainer_state.json") + " is no valid JSON: ");
            Files.delete(foreign.resolve("trainer_state.json"));
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(foreign).train(Golden.rows()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("no such file: " + foreign.resolve("trainer_state.json"));
        }
    }

    @Test
    void anOptimizerFileThatDoesNotFitIsRefusedWithAllThatDiffers() throws Exception {
        Path checkpoint = firstHalf(Kind.ADAPTER);
        ToyMethod.Config elsewhere = ToyMethod.Config.of("model.layers.1.self_attn.v_proj", 0.3);
        String state = Files.readString(checkpoint.resolve("trainer_state.json"));
        Files.writeString(checkpoint.resolve("trainer_state.json"), state.replace(ToyRun.TARGET, elsewhere.target()));
        try (ToyRun run = ToyRun.adapter(folder.resolve("base"), elsewhere)) {
            assertThatThrownBy(() -> run.tuner(CONFIG).resumeFrom(checkpoint).train(Golden.rows()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(checkpoint.resolve("optimizer.safetensors")
                            + " does not fit what is trained (6 problems): missing exp_avg.model.layers.1.self_attn.v_proj"
                            + ".toy.weight [12, 24]; ")
                    .hasMessageContaining("unexpected weight.model.layers.0.self_attn.v_proj.toy.weight");
        }
    }
}
