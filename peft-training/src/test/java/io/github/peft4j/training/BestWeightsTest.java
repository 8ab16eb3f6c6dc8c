package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Training on four rows for long makes the others worse in the end: the best is in the middle. */
class BestWeightsTest extends HalfARun {

    private static final TrainingConfig BEST = TrainingConfig.builder()
            .steps(24)
            .batchSize(2)
            .learningRate(0.05)
            .schedule(Schedule.CONSTANT)
            .evaluateEvery(2)
            .bestMetric("loss")
            .build();

    private static List<Row> trained() {
        return Golden.rows().subList(0, 4);
    }

    private static List<Row> heldOut() {
        return Golden.rows().subList(4, Golden.rows().size());
    }

    private FineTuner tuner(ToyRun run, TrainingConfig config, Path output) {
        return run.tuner(config).evaluateOn(heldOut()).checkpointsIn(output);
    }

    private static TrainingResult.Best lowest(List<TrainingListener.Evaluated> evaluations) {
        TrainingListener.Evaluated lowest = evaluations.stream()
                .min(Comparator.comparingDouble(report -> report.result().loss()))
                .orElseThrow();
        return new TrainingResult.Best("loss", lowest.result().loss(), lowest.step());
    }

    private static List<String> checkpoints(Path output) throws IOException {
        return TrainingCheckpoints.in(output).stream()
                .map(path -> String.valueOf(path.getFileName()))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theBestWeightsAreLeftInTheModel(Kind kind) throws Exception {
        try (ToyRun run = open(kind)) {
            TrainingResult result = tuner(run, BEST, output()).train(trained());
            assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(result.best()).isEqualTo(lowest(run.recorder.evaluations));
            assertThat(result.best().step()).isBetween(1L, 22L);
            assertThat(new Evaluation(heldOut()).run(run.model).loss())
                    .isEqualTo(result.best().value());
            assertThat(checkpoints(output()))
                    .containsExactly("checkpoint-" + result.best().step());
        }
    }

    @Test
    void aRunStopsAfterAsManyEvaluationsWithoutABetterOne() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            TrainingResult result = tuner(run, BEST.toBuilder().earlyStopping(2).build(), output())
                    .train(trained());
            assertThat(result.outcome()).isEqualTo(Outcome.STOPPED_EARLY);
            assertThat(result.best()).isEqualTo(lowest(run.recorder.evaluations));
            assertThat(result.steps()).isEqualTo(result.best().step() + 4);
            assertThat(new Evaluation(heldOut()).run(run.model).loss())
                    .isEqualTo(result.best().value());
        }
    }

    @ParameterizedTest(name = "a checkpoint every {0} steps, {1} kept, broken off {2} steps after the best")
    @CsvSource({"1, 1, 1", "1, 1, 3", "3, 0, 3", "2, 2, 2", "0, 0, 3"})
    void aRunThatWasBrokenOffKnowsItsBestAndHowLongItHasWaited(int every, int keep, int after) throws Exception {
        TrainingConfig config =
                BEST.toBuilder().earlyStopping(3).saveEvery(every).keep(keep).build();
        TrainingResult straight;
        float[] weights;
        try (ToyRun run = open(Kind.ADAPTER)) {
            straight = tuner(run, config, folder.resolve("straight")).train(trained());
            weights = run.weights();
        }
        long broken = straight.best().step() + after;
        try (ToyRun run = open(Kind.ADAPTER)) {
            TrainingResult result = tuner(run, config, output())
                    .stopWhen(() -> run.recorder.steps.size() == broken)
                    .train(trained());
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.best()).isEqualTo(straight.best());
        }
        try (ToyRun run = open(Kind.ADAPTER)) {
            TrainingResult result = tuner(run, config, output())
                    .resumeFrom(TrainingCheckpoints.newest(output()).orElseThrow())
                    .train(trained());
            assertThat(result.outcome()).isEqualTo(Outcome.STOPPED_EARLY);
            assertThat(result.steps()).isEqualTo(straight.steps());
            assertThat(result.best()).isEqualTo(straight.best());
            assertThat(run.weights()).containsExactly(weights);
        }
        // And a run that has stopped goes on to nothing.
        try (ToyRun run = open(Kind.ADAPTER)) {
            TrainingResult result = tuner(run, config, output())
                    .resumeFrom(TrainingCheckpoints.newest(output()).orElseThrow())
                    .train(trained());
            assertThat(result.steps()).isEqualTo(straight.steps());
            assertThat(run.recorder.steps).hasSize(every == 0 ? 6 : 0);
            assertThat(run.weights()).containsExactly(weights);
        }
    }

    @Test
    void theStateNamesTheBestAsTransformersDoes() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            TrainingResult result =
                    tuner(run, BEST.toBuilder().saveEvery(24).build(), output()).train(trained());
            JsonNode state = new ObjectMapper()
                    .readTree(
                            output().resolve("checkpoint-24/trainer_state.json").toFile());
            assertThat(state.get("best_global_step").asLong())
                    .isEqualTo(result.best().step());
            assertThat(state.get("best_metric").asDouble())
                    .isEqualTo(result.best().value());
            assertThat(state.get("best_model_checkpoint").asText())
                    .isEqualTo("checkpoint-" + result.best().step());
        }
    }

    @Test
    void aBestCheckpointThatIsGoneIsMissedBeforeTheRunGoesOn() throws Exception {
        TrainingConfig config = BEST.toBuilder().saveEvery(24).build();
        try (ToyRun run = open(Kind.LORA)) {
            tuner(run, config, output()).train(trained());
        }
        Path newest = TrainingCheckpoints.newest(output()).orElseThrow();
        Path best = TrainingCheckpoints.in(output()).get(0);
        Files.move(best, folder.resolve("elsewhere"));
        try (ToyRun run = open(Kind.LORA)) {
            FineTuner longer = tuner(run, config.toBuilder().steps(30).build(), output());
            assertThatThrownBy(() -> longer.resumeFrom(newest).train(trained()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("the best weights so far cannot be had: there is no complete checkpoint " + best
                            + ". Put them back, or begin anew");
            assertThat(run.recorder.steps).isEmpty();
        }
    }

    @Test
    void aMetricThatEvaluationsDoNotHaveIsRefusedWithThoseTheyHave() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            FineTuner tuner = tuner(run, BEST.toBuilder().bestMetric("f1_macro").build(), output());
            assertThatThrownBy(() -> tuner.train(trained()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the best weights are to be kept by f1_macro, which evaluations of this model do not have:"
                                    + " expected one of loss");
        }
    }

    @Test
    void aFolderIsNeededForTheBest() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            FineTuner tuner = run.tuner(BEST).evaluateOn(heldOut());
            assertThatThrownBy(() -> tuner.train(trained()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the best weights are to be kept by loss, but there is no folder for their checkpoint:"
                            + " call checkpointsIn");
        }
    }
}
