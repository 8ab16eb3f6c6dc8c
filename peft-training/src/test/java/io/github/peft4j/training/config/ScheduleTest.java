package io.github.peft4j.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.training.Golden;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

    static Stream<JsonNode> recorded() {
        return StreamSupport.stream(Golden.at("schedules").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void everyStepHasTheRateThatTransformersGivesIt(JsonNode golden) {
        Schedule schedule = Schedule.of(golden.get("name").asText().replace("_with_warmup", ""));
        double[] expected = Golden.doubles(golden.get("factors"));
        for (int step = 0; step < expected.length; step++) {
            assertThat(schedule.factor(
                            step,
                            golden.get("warmup").asLong(),
                            golden.get("total").asLong()))
                    .as("%s at step %d", golden, step)
                    .isCloseTo(expected[step], within(1e-12));
        }
    }

    @Test
    void theFirstStepOfAWarmUpHasRateZeroAndTheLastStepOfARunHasNot() {
        assertThat(Schedule.LINEAR.factor(0, 4, 10)).isZero();
        assertThat(Schedule.LINEAR.factor(4, 4, 10)).isEqualTo(1);
        assertThat(Schedule.LINEAR.factor(9, 4, 10)).isCloseTo(1 / 6.0, within(1e-12));
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Schedule.of("polynomial"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown schedule \"polynomial\": expected one of [linear, cosine, constant]");
    }
}
