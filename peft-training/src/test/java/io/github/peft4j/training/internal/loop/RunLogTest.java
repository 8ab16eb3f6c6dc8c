package io.github.peft4j.training.internal.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.progress.TrainingListener.Logged;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RunLogTest {

    private static RunLog of(long steps) {
        RunLog log = new RunLog();
        for (long step = 1; step <= steps; step++) {
            log.add(new Logged(step, Map.of("loss", 1.0 / step)));
            if (step % 5001 == 0) {
                log.add(new Logged(step, Map.of("eval_loss", 2.0)));
            }
        }
        return log;
    }

    @Test
    void everyStepOfAnOrdinaryRunIsKept() {
        assertThat(of(RunLog.KEPT).entries().stream()
                        .filter(entry -> entry.value("loss").isPresent()))
                .extracting(Logged::step)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, RunLog.KEPT).boxed().toList());
    }

    @Test
    void ofALongRunTheFirstTheLastTheEvaluationsAndStepsAtEqualDistancesAre() {
        RunLog log = of(1_000_000);
        assertThat(log.entries()).hasSizeBetween(RunLog.KEPT / 2, RunLog.KEPT + 300);
        assertThat(log.entries().get(0).step()).isEqualTo(1);
        assertThat(log.entries().stream()
                        .filter(entry -> entry.value("eval_loss").isPresent()))
                .hasSize(1_000_000 / 5001);
        assertThat(log.entries().stream().filter(entry -> entry.step() > 1_000_000 - RunLog.RECENT))
                .hasSize(RunLog.RECENT);
        assertThat(log.entries()).isSortedAccordingTo((a, b) -> Long.compare(a.step(), b.step()));
    }

    @Test
    void aRunThatGoesOnHasTheLogOfOneThatNeverStopped() {
        RunLog whole = of(30_017);
        RunLog part = new RunLog();
        of(20_003).entries().forEach(part::add);
        for (long step = 20_004; step <= 30_017; step++) {
            part.add(new Logged(step, Map.of("loss", 1.0 / step)));
            if (step % 5001 == 0) {
                part.add(new Logged(step, Map.of("eval_loss", 2.0)));
            }
        }
        assertThat(part.entries()).isEqualTo(whole.entries());
    }
}
