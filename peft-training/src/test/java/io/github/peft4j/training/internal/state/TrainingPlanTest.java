package io.github.peft4j.training.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.batch.internal.RowBatches;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingPlan.Place;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {

    @Test
    void stepsDoNotReachOverTheEndOfAPass() {
        TrainingPlan plan = TrainingPlan.ofPasses(10, 5, 2);
        assertThat(plan.places(0)).containsExactly(new Place(0, 0), new Place(0, 1));
        assertThat(plan.places(2)).containsExactly(new Place(0, 4));
        assertThat(plan.places(3)).containsExactly(new Place(1, 0), new Place(1, 1));
    }

    @Test
    void passesAreCountedAsTransformersCountsThem() {
        TrainingPlan plan = TrainingPlan.ofPasses(10, 5, 2);
        for (JsonNode step : Golden.at("runs", "llama-full", "trace")) {
            assertThat(plan.epochs(step.get("step").asLong()))
                    .isCloseTo(step.get("epoch").asDouble(), within(1e-9));
        }
    }

    @Test
    void aFractionOfAPassIsRoundedUpToSteps() {
        TrainingConfig config = TrainingConfig.builder()
                .epochs(1.5)
                .batchSize(2)
                .accumulation(2)
                .build();
        assertThat(TrainingPlan.of(config, new RowBatches(Golden.rows(), config))
                        .steps())
                .isEqualTo(5);
    }

    @Test
    void stepsGoBeforePasses() {
        TrainingConfig config = TrainingConfig.builder().steps(4).epochs(9).build();
        assertThat(TrainingPlan.of(config, new RowBatches(Golden.rows(), config))
                        .steps())
                .isEqualTo(4);
    }

    /** Passes of 3, 5, 3, 5 and so on micro-batches. */
    private static BatchSource uneven() {
        return new BatchSource() {
            @Override
            public long batches(long epoch) {
                return epoch % 2 == 0 ? 3 : 5;
            }

            @Override
            public MicroBatch batch(long epoch, long index) {
                throw new IllegalStateException("not asked for");
            }

            @Override
            public String fingerprint() {
                return "";
            }
        };
    }

    @Test
    void passesMayHaveUnlikeNumbersOfBatches() {
        TrainingConfig config =
                TrainingConfig.builder().epochs(3.5).accumulation(2).build();
        TrainingPlan plan = TrainingPlan.of(config, uneven());
        assertThat(plan.steps()).isEqualTo(2 + 3 + 2 + 2);
        assertThat(plan.places(8)).containsExactly(new Place(3, 2), new Place(3, 3));
        assertThat(plan.places(1)).containsExactly(new Place(0, 2));
        assertThat(plan.places(4)).containsExactly(new Place(1, 4));
        assertThat(plan.epochs(2)).isEqualTo(1);
        assertThat(plan.epochs(3)).isEqualTo(1.4);
    }

    @Test
    void aRunOnAPassWithoutAnEndIsOnePassAsWithTransformers() {
        TrainingPlan plan = TrainingPlan.ofPasses(10, BatchSource.ENDLESS, 2);
        assertThat(plan.places(9)).containsExactly(new Place(0, 18), new Place(0, 19));
        assertThat(plan.epochs(5)).isEqualTo(0.5);
    }
}
