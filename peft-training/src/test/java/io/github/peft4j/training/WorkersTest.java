package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several threads that share out a micro-batch's rows. */
class WorkersTest {

    private static final TrainingConfig CONFIG = TrainingConfig.builder()
            .steps(4)
            .batchSize(4)
            .accumulation(2)
            .learningRate(0.01)
            .evaluateEvery(4)
            .build();

    @TempDir
    Path folder;

    enum Kind {
        LORA,
        DROPOUT,
        PROMPT,
        PREFIX,
        RECOMPUTED,
        FULL
    }

    private record Trace(List<TrainingListener.Step> steps, double evaluated, float[] weights) {}

    /** The model's own objective, which notes the threads that it runs on, and may do more there. */
    private static final class Observed implements Objective {
        private final Objective own;
        private final Runnable also;
        private final Set<String> threads = ConcurrentHashMap.newKeySet();

        private Observed(Model<?> model, Runnable also) {
            this.own = model.head().objective();
            this.also = also;
        }

        @Override
        public String item() {
            return own.item();
        }

        @Override
        public int items(Model<?> model, Batch batch) {
            return own.items(model, batch);
        }

        @Override
        public double loss(Forward context, Model<?> model, Batch batch, double weight) {
            threads.add(Thread.currentThread().getName());
            double loss = own.loss(context, model, batch, weight);
            also.run();
            return loss;
        }
    }

    private ToyRun open(Kind kind) throws IOException {
        Path base = folder.resolve("base");
        return switch (kind) {
            case LORA, RECOMPUTED -> ToyRun.lora(base, 0);
            case DROPOUT -> ToyRun.lora(base, 0.3);
            case PROMPT -> ToyRun.adapter(base, PromptTuningConfig.builder(3).build());
            case PREFIX -> ToyRun.adapter(base, PrefixTuningConfig.builder(3).build());
            case FULL -> ToyRun.full(base, Precision.FLOAT32);
        };
    }

    private static TrainingConfig config(Kind kind, int workers) {
        return CONFIG.toBuilder()
                .workers(workers)
                .recompute(kind == Kind.RECOMPUTED)
                .build();
    }

    private Trace train(Kind kind, int workers) throws IOException {
        try (ToyRun run = open(kind)) {
            Observed observed = new Observed(run.model, () -> {});
            run.tuner(config(kind, workers))
                    .objective(observed)
                    .evaluateOn(Golden.rows())
                    .train(Golden.rows());
            assertThat(observed.threads).hasSize(workers);
            return new Trace(
                    run.recorder.steps, run.recorder.evaluations.get(0).result().loss(), run.weights());
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void lossesAreThoseOfOneWorkerAndRepeatedToTheBit(Kind kind) throws Exception {
        Trace one = train(kind, 1);
        for (int workers : new int[] {2, 3}) {
            Trace several = train(kind, workers);
            Trace again = train(kind, workers);
            assertThat(again.weights).containsExactly(several.weights);
            assertThat(again.evaluated).isEqualTo(several.evaluated);
            for (int i = 0; i < CONFIG.steps(); i++) {
                TrainingListener.Step step = several.steps.get(i);
                assertThat(again.steps.get(i).loss()).isEqualTo(step.loss());
                assertThat(step.tokens()).isEqualTo(one.steps.get(i).tokens());
                if (kind != Kind.DROPOUT) {
                    assertThat(step.loss())
                            .isCloseTo(
                                    one.steps.get(i).loss(),
                                    within(1e-6 * one.steps.get(i).loss()));
                    assertThat(step.gradNorm()).isCloseTo(one.steps.get(i).gradNorm(), within(1e-5));
                }
            }
        }
    }

    @Test
    void aRunGoesOnWithAsManyWorkersAsItBeganWith() throws Exception {
        Path output = folder.resolve("output");
        TrainingConfig saving =
                CONFIG.toBuilder().evaluateEvery(0).saveEvery(2).workers(2).build();
        float[] straight;
        try (ToyRun run = open(Kind.DROPOUT)) {
            run.tuner(saving).checkpointsIn(output).train(Golden.rows());
            straight = run.weights();
        }
        Path half = output.resolve("checkpoint-2");
        try (ToyRun run = open(Kind.DROPOUT)) {
            Observed observed = new Observed(run.model, () -> {});
            run.tuner(saving.toBuilder().workers(0).build())
                    .objective(observed)
                    .checkpointsIn(folder.resolve("resumed"))
                    .resumeFrom(half)
                    .train(Golden.rows());
            assertThat(observed.threads).hasSize(2);
            assertThat(run.weights()).containsExactly(straight);
        }
        try (ToyRun run = open(Kind.DROPOUT)) {
            FineTuner other = run.tuner(saving.toBuilder().workers(3).build())
                    .checkpointsIn(folder.resolve("other"))
                    .resumeFrom(half);
            assertThatThrownBy(() -> other.train(Golden.rows()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("workers was 2, is 3");
        }
    }

    @Test
    void anErrorInAWorkerEndsTheRunAndLeavesNothingBehind() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            run.tuner(config(Kind.LORA, 3)).evaluateOn(Golden.rows()).train(Golden.rows());
            int before = LiveArrays.count(run.model.scope());
            Observed failing = new Observed(run.model, () -> {
                String name = Thread.currentThread().getName();
                if (name.startsWith("peft4j-worker")) {
                    throw new IllegalStateException("in " + name);
                }
            });
            FineTuner tuner = run.tuner(config(Kind.LORA, 3)).objective(failing).evaluateOn(Golden.rows());
            assertThatThrownBy(() -> tuner.train(Golden.rows()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("in peft4j-worker-1");
            assertThat(failing.threads).hasSize(3);
            assertThat(LiveArrays.count(run.model.scope())).isEqualTo(before);
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith("peft4j-worker")) {
                    thread.join(10_000);
                    assertThat(thread.isAlive()).isFalse();
                }
            }
            // The model can be used, and trained, as if nothing had happened.
            TrainingResult result =
                    run.tuner(config(Kind.LORA, 2)).evaluateOn(Golden.rows()).train(Golden.rows());
            assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(LiveArrays.count(run.model.scope())).isEqualTo(before);
        }
    }

    @Test
    void anInterruptedRunEndsWhenItsWorkersHave() throws Exception {
        try (ToyRun run = open(Kind.LORA)) {
            Observed interrupting = new Observed(run.model, () -> {
                if (run.recorder.steps.size() == 1
                        && !Thread.currentThread().getName().startsWith("peft4j-worker")) {
                    Thread.currentThread().interrupt();
                }
            });
            List<Row> rows = Golden.rows();
            TrainingResult result = run.tuner(config(Kind.LORA, 2).toBuilder()
                            .accumulation(3)
                            .evaluateEvery(0)
                            .build())
                    .objective(interrupting)
                    .train(rows);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(result.steps()).isEqualTo(1);
        }
    }
}
