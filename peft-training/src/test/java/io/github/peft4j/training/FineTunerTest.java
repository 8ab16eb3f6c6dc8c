package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.progress.DivergenceException;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FineTunerTest {

    private static final TrainingConfig FAST = TrainingConfig.builder()
            .steps(6)
            .batchSize(3)
            .accumulation(2)
            .learningRate(0.02)
            .schedule(Schedule.CONSTANT)
            .build();

    @TempDir
    Path folder;

    @Test
    void anAdapterLearnsAndTheBaseStaysAsItIs() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            float[] base = run.model
                    .at("model.norm")
                    .ownWeights()
                    .get("weight")
                    .array()
                    .toFloatArray();
            double before = new Evaluation(Golden.rows()).run(run.model).loss();
            TrainingResult result = run.tuner(FAST).train(Golden.rows());
            assertThat(new Evaluation(Golden.rows()).run(run.model).loss()).isLessThan(before - 0.1);
            assertThat(run.model
                            .at("model.norm")
                            .ownWeights()
                            .get("weight")
                            .array()
                            .toFloatArray())
                    .containsExactly(base);
            assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(result.steps()).isEqualTo(6);
            assertThat(result.trainableParameters()).isEqualTo(12 * 24);
            assertThat(result.allParameters()).isEqualTo(run.model.parameterCount());
            assertThat(result.tokensPerSecond()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"FLOAT32", "BFLOAT16"})
    void fullFineTuningLearnsInFloat32WhateverItComputesIn(Precision precision) throws Exception {
        try (ToyRun run = ToyRun.full(folder, precision)) {
            double before = new Evaluation(Golden.rows()).run(run.model).loss();
            TrainingResult result = run.tuner(FAST).train(Golden.rows());
            assertThat(new Evaluation(Golden.rows()).run(run.model).loss()).isLessThan(before - 0.5);
            assertThat(run.model.trainableWeights().values())
                    .allMatch(weight -> weight.precision() == Precision.FLOAT32);
            assertThat(run.model.precision()).isEqualTo(precision);
            assertThat(result.trainableParameters()).isEqualTo(result.allParameters());
        }
    }

    @Test
    void stepsAreReportedWithTheirTokensAndTheirLoss() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            List<Row> rows = Golden.rows();
            TrainingConfig config = FAST.toBuilder()
                    .shuffle(false)
                    .learningRate(0)
                    .steps(2)
                    .batchSize(5)
                    .build();
            run.tuner(config).train(rows);
            TrainingListener.Step step = run.recorder.steps.get(0);
            assertThat(step.step()).isEqualTo(1);
            assertThat(step.tokens())
                    .isEqualTo(rows.stream().mapToInt(Row::length).sum());
            assertThat(step.supervisedTokens())
                    .isEqualTo(rows.stream()
                            .mapToInt(row -> ((Row.Target.NextTokens) row.target()).supervised(1))
                            .sum());
            assertThat(step.loss())
                    .isCloseTo(new Evaluation(rows).run(run.model).loss(), within(1e-6));
            assertThat(step.gradNorm()).isPositive();
            assertThat(step.seconds()).isPositive();
            assertThat(run.recorder.steps.get(1).loss()).isEqualTo(step.loss());
            TrainingListener.Start start = run.recorder.starts.get(0);
            assertThat(start)
                    .isEqualTo(new TrainingListener.Start(
                            0, 2, 2, 12 * 24, run.model.parameterCount(), List.of(), start.settings()));
            assertThat(start.settings())
                    .containsEntry("learning_rate", String.valueOf(config.learningRate()))
                    .containsKeys("adapter default: peft_type", "data", "model");
            assertThat(run.recorder.results).hasSize(1);
        }
    }

    @Test
    void accumulationDoesNotChangeTheGradient() throws Exception {
        List<TrainingListener.Step> steps = new ArrayList<>();
        for (int accumulation : new int[] {1, 3, 9}) {
            try (ToyRun run = ToyRun.full(folder, Precision.FLOAT32)) {
                run.tuner(FAST.toBuilder()
                                .steps(1)
                                .shuffle(false)
                                .batchSize(9 / accumulation)
                                .accumulation(accumulation)
                                .build())
                        .train(Golden.rows());
                steps.addAll(run.recorder.steps);
            }
        }
        for (TrainingListener.Step step : steps) {
            assertThat(step.loss()).isCloseTo(steps.get(0).loss(), within(1e-6));
            assertThat(step.gradNorm()).isCloseTo(steps.get(0).gradNorm(), within(1e-5));
        }
    }

    @Test
    void recomputingBlocksChangesNothingButMemory() throws Exception {
        float[] plain;
        try (ToyRun run = ToyRun.adapter(folder, 0.2)) {
            run.tuner(FAST).train(Golden.rows());
            plain = run.weights();
        }
        try (ToyRun run = ToyRun.adapter(folder, 0.2)) {
            run.tuner(FAST.toBuilder().recompute(true).build()).train(Golden.rows());
            assertThat(run.weights()).containsExactly(plain);
        }
    }

    @Test
    void equalSeedsGiveEqualNumbersAndOthersDoNot() throws Exception {
        List<float[]> weights = new ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            try (ToyRun run = ToyRun.adapter(folder, 0.2)) {
                run.tuner(FAST.toBuilder().seed(seed).build()).train(Golden.rows());
                weights.add(run.weights());
            }
        }
        assertThat(weights.get(1)).containsExactly(weights.get(0));
        assertThat(weights.get(2)).isNotEqualTo(weights.get(0));
    }

    @Test
    void dropoutFallsOnOtherPlacesInEveryStepAndMicroBatch() throws Exception {
        List<Row> one = List.of(Golden.rows().get(4));
        List<Row> twice = List.of(one.get(0), one.get(0));
        try (ToyRun run = ToyRun.adapter(folder, 0.5)) {
            randomise(run);
            TrainingConfig still = FAST.toBuilder()
                    .learningRate(0)
                    .steps(4)
                    .batchSize(1)
                    .accumulation(1)
                    .build();
            run.tuner(still).train(one);
            assertThat(run.recorder.steps.stream()
                            .map(TrainingListener.Step::loss)
                            .distinct())
                    .hasSize(4);
            double first = run.recorder.steps.get(0).loss();
            run.recorder.steps.clear();
            run.tuner(still.toBuilder().steps(1).accumulation(2).build()).train(twice);
            // The first micro-batch drops what the first step dropped; the second must not do the same.
            assertThat(run.recorder.steps.get(0).loss()).isNotCloseTo(first, within(1e-6));
        }
    }

    private static void randomise(ToyRun run) {
        Weight weight = run.model.trainableWeights().values().iterator().next();
        try (NDArray values = run.model.scope().floats(ToyCheckpoint.values("toy", 12 * 24, 1, 0), 12, 24)) {
            weight.assign(values);
        }
    }

    @Test
    void evaluationsComeAsOftenAsAskedAndDoNotDisturb() throws Exception {
        float[] undisturbed;
        try (ToyRun run = ToyRun.adapter(folder, 0.2)) {
            run.tuner(FAST).train(Golden.rows());
            undisturbed = run.weights();
        }
        try (ToyRun run = ToyRun.adapter(folder, 0.2)) {
            run.tuner(FAST.toBuilder().evaluateEvery(2).build())
                    .evaluateOn(Golden.rows())
                    .train(Golden.rows());
            assertThat(run.recorder.evaluations)
                    .extracting(TrainingListener.Evaluated::step)
                    .containsExactly(2L, 4L, 6L);
            assertThat(run.weights()).containsExactly(undisturbed);
        }
    }

    @Test
    void aStepWithNothingToLearnIsRefusedBeforeAnythingIsTrained() throws Exception {
        List<Row> poor = new ArrayList<>(Golden.rows());
        for (int row : new int[] {2, 3}) {
            int[] none = new int[poor.get(row).length()];
            Arrays.fill(none, Row.Target.IGNORED);
            poor.set(row, Row.of(poor.get(row).tokenIds(), none));
        }
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            TrainingConfig inOrder =
                    FAST.toBuilder().shuffle(false).batchSize(2).accumulation(1).build();
            assertThatThrownBy(() -> run.tuner(inOrder).train(poor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "no token of step 2 is supervised (rows [2, 3]): all labels that count are -100."
                                    + " The label of a row's first token counts only if virtual tokens precede it. Leave these rows out, or make batches larger");
            assertThat(run.recorder.starts).isEmpty();
            // Beside rows that teach something they do no harm.
            run.tuner(inOrder.toBuilder().batchSize(4).build()).train(poor);
            assertThat(run.recorder.steps).hasSize(6);
        }
    }

    @Test
    void aLossThatIsNotANumberStopsTheRunAndNamesStepAndRows() throws Exception {
        try (ToyRun run = ToyRun.full(folder, Precision.FLOAT32)) {
            TrainingConfig wild = FAST.toBuilder()
                    .shuffle(false)
                    .batchSize(2)
                    .learningRate(1e30)
                    .maxGradNorm(0)
                    .build();
            DivergenceException e = catchThrowableOfType(
                    DivergenceException.class, () -> run.tuner(wild).train(Golden.rows()));
            assertThat(e.step()).isEqualTo(2);
            assertThat(e)
                    .hasMessage(
                            "the loss is NaN in step 2 ([rows [4, 5], rows [6, 7]]): the weights are as step 1 left them."
                                    + " Lower the learning rate or the clipping norm, warm up longer, or look at these rows.");
            assertThat(run.recorder.results).extracting(TrainingResult::outcome).containsExactly(Outcome.FAILED);
            assertThat(run.model.trainableWeights().values()).allMatch(weight -> weight.gradient() == null);
        }
    }

    @Test
    void nothingTrainableIsRefused() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            Objects.requireNonNull(run.peft).setTrainable();
            assertThatThrownBy(() -> run.tuner(FAST))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "none of the adapters [default] is trainable: call PeftModel.setTrainable with the names of"
                                    + " those to train");
        }
    }

    @Test
    void aPlaceForCheckpointsAndRowsToEvaluateOnAreAskedForBeforeAnythingIsTrained() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            assertThatThrownBy(() ->
                            run.tuner(FAST.toBuilder().saveEvery(5).build()).train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("checkpoints are to be written every 5 steps, but there is no folder for them:"
                            + " call checkpointsIn");
            assertThatThrownBy(() ->
                            run.tuner(FAST.toBuilder().evaluateEvery(5).build()).train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("the model is to be evaluated every 5 steps, but there are no rows for that:"
                            + " call evaluateOn");
        }
    }

    @Test
    void aListenerThatThrowsIsLeftOutAndTheRunGoesOn() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        TrainingListener broken = new TrainingListener() {
            @Override
            public void step(TrainingListener.Step report) {
                calls.incrementAndGet();
                throw new IllegalStateException("disk full");
            }
        };
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            TrainingResult result = run.tuner(FAST).listener(broken).train(Golden.rows());
            assertThat(result.steps()).isEqualTo(6);
            assertThat(calls).hasValue(1);
            assertThat(run.recorder.steps).hasSize(6);
        }
    }

    @Test
    void aRunStopsAfterTheMicroBatchInWhichItIsAskedTo() throws Exception {
        try (ToyRun run = ToyRun.adapter(folder, 0)) {
            AtomicInteger asked = new AtomicInteger();
            // Asked once before each step and once before each of its two micro-batches.
            TrainingResult result = run.tuner(FAST.toBuilder().batchSize(2).build())
                    .stopWhen(() -> asked.incrementAndGet() > 5)
                    .train(Golden.rows());
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.steps()).isEqualTo(1);
            assertThat(run.model.trainableWeights().values()).allMatch(weight -> weight.gradient() == null);
        }
    }
}
