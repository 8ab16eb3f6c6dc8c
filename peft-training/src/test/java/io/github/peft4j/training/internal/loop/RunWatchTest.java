package io.github.peft4j.training.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Warning.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RunWatchTest {

    /** The loss of the first step's rows as it is now. */
    private double firstRows = 2;

    private int measured;
    private final RunWatch watch = new RunWatch(() -> {
        measured++;
        return firstRows;
    });
    private long step;

    private void steps(int count, double loss, double norm) {
        for (int i = 0; i < count; i++) {
            watch.done(new TrainingListener.Step(++step, loss, norm, 1e-3, 10, 10, 0.1));
        }
    }

    private List<Kind> standing() {
        return watch.standing().stream().map(TrainingResult.Warning::kind).toList();
    }

    @Test
    void aGradientThatIsExactlyZeroForThreeStepsHasVanished() {
        steps(5, 6.8, 1.5);
        steps(2, 6.8, 0);
        assertThat(standing()).isEmpty();
        steps(1, 6.8, 0);
        assertThat(watch.standing())
                .containsExactly(new TrainingResult.Warning(
                        Kind.VANISHED_GRADIENT,
                        8,
                        "the gradient was exactly 0 in the last 3 steps, up to step 8, at a loss of 6.800: nothing is learnt"
                                + " any more. Begin again with a lower learning rate, or a longer warm-up"));
    }

    @Test
    void aGradientThatComesBackHasNot() {
        steps(5, 6.8, 1.5);
        steps(3, 6.8, 0);
        steps(1, 6.8, 0.1);
        assertThat(standing()).isEmpty();
    }

    @Test
    void aGradientOfZeroWhereAllIsLearntIsFine() {
        steps(5, 6.8, 1.5);
        steps(20, 1e-7, 0);
        assertThat(standing()).isEmpty();
    }

    @Test
    void aLossFarAboveTheFirstStepsIsADivergenceIfItsRowsHaveComeToItToo() {
        steps(10, 2, 1);
        firstRows = 9;
        steps(10, 9, 1);
        assertThat(watch.standing()).singleElement().satisfies(warning -> {
            assertThat(warning.kind()).isEqualTo(Kind.DIVERGED);
            assertThat(warning.step()).isBetween(13L, 20L);
            assertThat(warning.message())
                    .startsWith("the run has diverged: the loss was 2.000 in the first step and is ")
                    .endsWith(
                            "and the first step's rows have come to 9.000. Begin again with a lower learning rate, or a"
                                    + " longer warm-up");
        });
    }

    @Test
    void rowsThatAreHarderThanTheFirstAreNone() {
        steps(1, 0.2, 1);
        steps(200, 3, 1);
        firstRows = 0.1;
        assertThat(standing()).isEmpty();
        // Looked at now and then only.
        assertThat(measured).isBetween(1, 21);
    }

    @Test
    void aRunThatRecoversEndsWithoutAWarning() {
        steps(10, 2, 1);
        firstRows = 9;
        steps(10, 9, 1);
        firstRows = 1.5;
        steps(10, 1.5, 1);
        assertThat(standing()).isEmpty();
    }

    @Test
    void aFastDivergenceIsNoticedWithinTheFirstSteps() {
        firstRows = 22;
        steps(1, 6.8, 1);
        steps(3, 22, 0.5);
        assertThat(standing()).containsExactly(Kind.DIVERGED);
    }

    @Test
    void whatAnEarlierPartOfTheRunLoggedCounts() {
        List<TrainingListener.Logged> history = new ArrayList<>();
        for (long at = 1; at <= 12; at++) {
            history.add(new TrainingListener.Logged(
                    at, Map.of("loss", at == 1 ? 2.0 : 9.0, "grad_norm", at < 11 ? 1.0 : 0.0)));
            history.add(new TrainingListener.Logged(at, Map.of("eval_loss", 1.0)));
        }
        watch.recall(history);
        step = 12;
        firstRows = 9;
        assertThat(standing()).isEmpty();
        steps(1, 9, 0);
        assertThat(standing()).containsExactly(Kind.VANISHED_GRADIENT, Kind.DIVERGED);
    }

    @Test
    void eachKindIsToldOnce() {
        steps(10, 2, 1);
        firstRows = 9;
        steps(100, 9, 0);
        // Once by itself, and once at the end.
        assertThat(measured).isEqualTo(1);
        assertThat(standing()).containsExactly(Kind.VANISHED_GRADIENT, Kind.DIVERGED);
        assertThat(measured).isEqualTo(2);
    }

    static Stream<Long> seeds() {
        return IntStream.range(0, 200).mapToObj(seed -> (long) seed);
    }

    /** Losses of single rows, from easy to hard, in a run that learns slowly: nothing that is wrong. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void ordinaryNoiseRaisesNoAlarm(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double first = Math.exp(2.5 * random.nextDouble() - 1.5);
        for (int i = 0; i < 300; i++) {
            double learnt = Math.exp(-i / 400.0);
            double loss = i == 0 ? first : learnt * Math.exp(2.5 * random.nextDouble() - 1.5);
            firstRows = learnt * first * (0.9 + 0.2 * random.nextDouble());
            steps(1, loss, 0.1 + random.nextDouble());
        }
        assertThat(standing()).isEmpty();
    }
}
