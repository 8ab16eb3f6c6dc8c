package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressReportTest {

    @Test
    void theBarShowsStepsLossAndSpeed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = new ProgressReport(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        report.started(ToldRun.start(0));
        ToldRun.steps(report, 1, 20);
        report.finished(ToldRun.result());
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("training")
                .contains("20/40 steps")
                .contains("loss 1.3036")
                .contains("2048 tokens/s");
    }

    @Test
    void theBarIsNotWiderThanTheTerminal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = new ProgressReport(new PrintStream(bytes, true, StandardCharsets.UTF_8), 40);
        report.started(ToldRun.start(0));
        ToldRun.steps(report, 1, 20);
        report.finished(ToldRun.result());
        assertThat(bytes.toString(StandardCharsets.UTF_8).split("[\r\n]+"))
                .allMatch(line -> line.length() < 40)
                .anyMatch(line -> line.contains("training"));
    }

    @Test
    void aResumedRunStartsWhereItGoesOn() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressReport report = new ProgressReport(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        report.started(ToldRun.start(30));
        report.finished(ToldRun.result());
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("30/40 steps");
    }

    @Test
    void testsHaveNoTerminal() {
        assertThat(Reports.hasTerminal()).isFalse();
    }
}
