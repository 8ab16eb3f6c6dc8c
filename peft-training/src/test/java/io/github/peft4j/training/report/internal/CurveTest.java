package io.github.peft4j.training.report.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurveTest {

    private static Curve of(List<Double> values) {
        Curve curve = new Curve();
        for (int i = 0; i < values.size(); i++) {
            curve.add(i, values.get(i));
        }
        return curve;
    }

    @Test
    void theSmoothedCurveStartsAtTheFirstValueAndFollowsMoreSlowlyTheLongerTheRun() {
        // Three steps look back 0.15 steps: the past weighs 0.15 / 1.15.
        List<Double> smoothed = of(List.of(4.0, 2.0, 2.0)).smoothed().y();
        double past = 0.15 / 1.15;
        assertThat(smoothed.get(0)).isCloseTo(4.0, within(1e-12));
        assertThat(smoothed.get(1)).isCloseTo((past * 4 + 2) / (past + 1), within(1e-12));
        List<Double> values = new ArrayList<>(Collections.nCopies(400, 2.0));
        values.set(0, 4.0);
        assertThat(of(values).smoothed().y().get(1)).isCloseTo(3, within(0.05));
        assertThat(of(values).smoothed().y().get(399)).isCloseTo(2, within(1e-6));
    }

    @Test
    void whatIsNoNumberIsLeftOut() {
        assertThat(of(List.of(1.0, Double.NaN, Double.POSITIVE_INFINITY, 2.0)).x())
                .containsExactly(0.0, 3.0);
    }

    @Test
    void aLongCurveIsThinnedWithoutLosingASpikeOrItsOrder() {
        List<Double> values = new ArrayList<>(Collections.nCopies(100_000, 1.0));
        values.set(54_321, 9.0);
        values.set(54_400, -3.0);
        Curve thin = of(values).thinned(800);
        assertThat(thin.size()).isLessThanOrEqualTo(800);
        assertThat(thin.y()).contains(9.0, -3.0);
        assertThat(thin.x()).isSorted();
        assertThat(of(List.of(1.0, 2.0)).thinned(800).y()).containsExactly(1.0, 2.0);
    }

    @Test
    void ticksAreRoundNumbersWithinTheAxis() {
        assertThat(Axis.of(List.of(0.3, 3.2), 0, 100, false).ticks()).containsExactly(1.0, 2.0, 3.0);
        assertThat(Axis.of(List.of(1e-5, 1e-2), 0, 100, true).ticks())
                .usingElementComparator((a, b) -> Math.abs(a / b - 1) < 1e-9 ? 0 : Double.compare(a, b))
                .containsExactly(1e-5, 1e-4, 1e-3, 1e-2);
        assertThat(Axis.of(List.of(4.0, 64.0), 0, 100, true).place(16)).isCloseTo(50, within(1e-9));
    }

    @Test
    void numbersThatAreAllTheSameHaveAnAxisToo() {
        assertThat(Axis.of(List.of(2.0, 2.0), 0, 100, false).place(2)).isCloseTo(50, within(1e-9));
        assertThat(Axis.of(List.of(0.0), 0, 100, false).ticks()).contains(0.0);
        assertThat(Axis.of(List.of(8.0), 0, 100, true).place(8)).isCloseTo(50, within(1e-9));
    }
}
