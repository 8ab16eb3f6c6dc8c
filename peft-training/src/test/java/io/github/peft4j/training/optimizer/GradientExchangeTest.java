package io.github.peft4j.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.ToyRun;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers with half of the rows each take the steps that one takes with all of them. */
class GradientExchangeTest {

    private static final int WORKERS = 2;

    @TempDir
    Path folder;

    /** Threads that meet, in place of processes that send. */
    private static final class Meeting {
        private final CyclicBarrier barrier = new CyclicBarrier(WORKERS);
        private final List<List<float[]>> gradients = new ArrayList<>(List.of(List.of(), List.of()));
        private final double[][] numbers = new double[WORKERS][];

        private void meet() {
            try {
                barrier.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        GradientExchange worker(int index, Scope scope) {
            return new GradientExchange() {
                @Override
                public double[] sum(double... values) {
                    numbers[index] = values;
                    meet();
                    double[] sum = new double[values.length];
                    for (double[] of : numbers) {
                        for (int i = 0; i < sum.length; i++) {
                            sum[i] += of[i];
                        }
                    }
                    meet();
                    return sum;
                }

                @Override
                public void sumInto(List<NDArray> arrays) {
                    Kernels k = scope.kernels();
                    gradients.set(
                            index, arrays.stream().map(NDArray::toFloatArray).toList());
                    meet();
                    for (int i = 0; i < arrays.size(); i++) {
                        float[] others = gradients.get(1 - index).get(i);
                        try (NDArray other =
                                scope.floats(others, arrays.get(i).getShape().getShape())) {
                            k.addInto(arrays.get(i), other);
                        }
                    }
                    meet();
                }
            };
        }
    }

    private record Outcomes(List<TrainingListener.Step> steps, float[] weights, TrainingResult result) {}

    private static List<Row> half(List<Row> rows, int worker) {
        List<Row> half = new ArrayList<>();
        for (int i = worker; i < 8; i += WORKERS) {
            half.add(rows.get(i));
        }
        return half;
    }

    private Outcomes train(int worker, TrainingConfig config, GradientExchangeOf exchange, List<Row> rows)
            throws Exception {
        try (ToyRun run = ToyRun.adapter(folder.resolve("base" + worker), 0)) {
            FineTuner tuner = run.tuner(config).stopWhen(() -> worker == 1 && run.recorder.steps.size() == 4);
            TrainingResult result =
                    tuner.exchange(exchange.of(run.model.scope())).train(rows);
            return new Outcomes(run.recorder.steps, run.weights(), result);
        }
    }

    private interface GradientExchangeOf {
        GradientExchange of(Scope scope);
    }

    @Test
    void workersStayEqualToEachOtherAndToASingleRunAndStopTogether() throws Exception {
        TrainingConfig each = TrainingConfig.builder()
                .steps(6)
                .batchSize(1)
                .shuffle(false)
                .learningRate(0.02)
                .build();
        Meeting meeting = new Meeting();
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
        List<Outcomes> outcomes = new ArrayList<>();
        try {
            List<Callable<Outcomes>> tasks = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                int worker = i;
                tasks.add(
                        () -> train(worker, each, scope -> meeting.worker(worker, scope), half(Golden.rows(), worker)));
            }
            for (Future<Outcomes> future : threads.invokeAll(tasks)) {
                outcomes.add(future.get());
            }
        } finally {
            threads.shutdownNow();
        }
        // Rows in the order in which the workers see them together: 0 and 1, 2 and 3, and so on.
        Outcomes alone = train(
                0,
                each.toBuilder().batchSize(2).build(),
                scope -> GradientExchange.LOCAL,
                Golden.rows().subList(0, 8));
        assertThat(outcomes).extracting(o -> o.result.outcome()).containsOnly(Outcome.INTERRUPTED);
        assertThat(outcomes).extracting(o -> o.result.steps()).containsOnly(4L);
        assertThat(outcomes.get(1).weights).containsExactly(outcomes.get(0).weights);
        for (int i = 0; i < 4; i++) {
            TrainingListener.Step together = outcomes.get(0).steps.get(i);
            TrainingListener.Step single = alone.steps.get(i);
            assertThat(together.loss()).isCloseTo(single.loss(), within(1e-5));
            assertThat(together.gradNorm()).isCloseTo(single.gradNorm(), within(1e-5));
            assertThat(together.supervisedTokens()).isEqualTo(single.supervisedTokens());
            assertThat(together.tokens()).isEqualTo(single.tokens());
        }
    }
}
