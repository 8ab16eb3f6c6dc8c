package io.github.peft4j.training.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.batch.internal.RowBatches;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.state.TrainingPlan.Place;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {

    @Test
    void stepsDoNotReachOverTheEndOfAPass() {
        TrainingPlan plan = new TrainingPlan(10, 5, 2);
        assertThat(plan.stepsPerEpoch()).isEqualTo(3);
        assertThat(plan.places(0)).containsExactly(new Place(0, 0), new Place(0, 1));
        assertThat(plan.places(2)).containsExactly(new Place(0, 4));
        assertThat(plan.places(3)).containsExactly(new Place(1, 0), new Place(1, 1));
    }

    @Test
    void passesAreCountedAsTransformersCountsThem() {
        TrainingPlan plan = new TrainingPlan(10, 5, 2);
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
}
