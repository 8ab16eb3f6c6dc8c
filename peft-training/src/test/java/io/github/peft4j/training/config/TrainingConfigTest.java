package io.github.peft4j.training.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.config.internal.DecisiveSettings;
import io.github.peft4j.training.optimizer.ParameterGroup;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TrainingConfigTest {

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of(builder().steps(-1), "steps must be at least 1, or 0 to go by epochs, got -1"),
                Arguments.of(builder().epochs(0), "epochs must be above 0, got 0.0"),
                Arguments.of(builder().epochs(Double.NaN), "epochs must be above 0, got NaN"),
                Arguments.of(builder().batchSize(0), "batch size must be at least 1, got 0"),
                Arguments.of(builder().accumulation(0), "gradient accumulation must be at least 1, got 0"),
                Arguments.of(builder().learningRate(-1e-3), "learning rate must be at least 0, got -0.001"),
                Arguments.of(
                        builder().learningRate(Double.POSITIVE_INFINITY),
                        "learning rate must be at least 0, got Infinity"),
                Arguments.of(
                        builder().warmup(2.5),
                        "warm-up must be a whole number of steps, or a share of all steps below 1, got 2.5"),
                Arguments.of(builder().weightDecay(-1), "weight decay must be at least 0, got -1.0"),
                Arguments.of(
                        builder().maxGradNorm(-1),
                        "largest gradient norm must be at least 0 (0: no clipping), got -1.0"),
                Arguments.of(builder().saveEvery(-1), "steps between checkpoints must be at least 0 (0: none), got -1"),
                Arguments.of(builder().keep(-1), "checkpoints to keep must be at least 0 (0: all), got -1"),
                Arguments.of(
                        builder().evaluateEvery(-1), "steps between evaluations must be at least 0 (0: none), got -1"),
                Arguments.of(
                        builder().evaluateEvery(5).earlyStoppingThreshold(-1),
                        "the threshold of early stopping must be at least 0, got -1.0"),
                Arguments.of(
                        builder().evaluateEvery(5).earlyStopping(-1),
                        "evaluations without a better one must be at least 0 (0: no early stop), got -1"),
                Arguments.of(
                        builder().bestMetric("f1_macro"),
                        "steps between evaluations must be at least 1 to keep the best or to stop early, got 0"));
    }

    private static TrainingConfig.Builder builder() {
        return TrainingConfig.builder();
    }

    @ParameterizedTest
    @MethodSource("bad")
    void aValueOutOfRangeIsRefusedWithTheRule(TrainingConfig.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void allThatIsWrongIsInOneMessage() {
        assertThatThrownBy(() -> builder().batchSize(0).keep(-2).build())
                .hasMessage(
                        "batch size must be at least 1, got 0; checkpoints to keep must be at least 0 (0: all), got -2");
    }

    @Test
    void defaultsAreThoseOfTransformers() {
        TrainingConfig config = builder().build();
        assertThat(config)
                .isEqualTo(new TrainingConfig(
                        0,
                        3,
                        8,
                        0,
                        false,
                        1,
                        5e-5,
                        Schedule.LINEAR,
                        0,
                        0,
                        1,
                        42,
                        true,
                        false,
                        0,
                        0,
                        0,
                        0,
                        null,
                        0,
                        0,
                        ParameterGroups.NONE));
    }

    @Test
    void epochsDoNotMatterWhereStepsAreGiven() {
        assertThat(builder().steps(5).epochs(0).build().steps()).isEqualTo(5);
    }

    @Test
    void aShareOfWarmUpIsRoundedUp() {
        assertThat(builder().warmup(0.25).build().warmupSteps(10)).isEqualTo(3);
        assertThat(builder().warmup(4).build().warmupSteps(10)).isEqualTo(4);
    }

    @Test
    void theLossSaysWhenToStopWhereNoMetricDoes() {
        assertThat(builder().evaluateEvery(5).earlyStopping(2).build().bestMetric())
                .isEqualTo("loss");
        assertThat(builder()
                        .evaluateEvery(5)
                        .bestMetric("eval_f1_macro")
                        .build()
                        .bestMetric())
                .isEqualTo("f1_macro");
        assertThat(builder().evaluateEvery(5).build().bestMetric()).isNull();
    }

    @Test
    void aCopyChangesOnlyWhatItIsAskedTo() {
        TrainingConfig config = new TrainingConfig(
                7,
                2.5,
                3,
                512,
                true,
                2,
                1e-3,
                Schedule.COSINE,
                0.5,
                0.1,
                0.7,
                9,
                true,
                true,
                3,
                4,
                2,
                6,
                "f1_macro",
                3,
                0.25,
                new ParameterGroups(
                        List.of(ParameterGroup.of("lora_B").times(16)), 0.9, new ParameterGroups.LoraPlus(8, 1e-6), 3));
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.toBuilder().steps(8).build().steps()).isEqualTo(8);
    }

    @Test
    void rowsAreGroupedByLengthOnlyWhereTheyAreShuffled() {
        assertThatThrownBy(() -> builder().groupByLength(true).shuffle(false).build())
                .hasMessage("rows can be grouped by length only where they are shuffled");
        assertThat(DecisiveSettings.of(builder().groupByLength(true).build())).containsEntry("group_by_length", true);
    }

    @Test
    void aRunByTokensDoesNotDependOnTheRowsOfABatch() {
        assertThat(DecisiveSettings.of(builder().batchTokens(512).batchSize(3).build()))
                .isEqualTo(DecisiveSettings.of(builder().batchTokens(512).build()))
                .containsEntry("batch_tokens", 512L);
    }
}
