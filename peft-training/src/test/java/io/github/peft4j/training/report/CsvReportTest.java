package io.github.peft4j.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvReportTest {

    @TempDir
    Path folder;

    private List<String> lines() throws IOException {
        return Files.readAllLines(folder.resolve("log.csv"));
    }

    @Test
    void everyStepAndEveryEvaluationIsALineAsSoonAsItIsKnown() throws Exception {
        CsvReport report = new CsvReport(folder.resolve("log.csv"));
        report.started(ToldRun.start(0));
        assertThat(lines())
                .containsExactly("step,loss,grad_norm,learning_rate,tokens,supervised_tokens,seconds,eval_nll");
        report.step(ToldRun.step(3));
        assertThat(lines().get(1)).isEqualTo("3," + ToldRun.step(3).loss() + ",1.5,1.0E-4,512,300,0.25,");
        report.evaluated(ToldRun.evaluation(3));
        assertThat(lines().get(2))
                .isEqualTo("3,,,,,,," + ToldRun.evaluation(3).result().loss());
        report.finished(ToldRun.result());
        assertThat(lines()).hasSize(3);
    }

    @Test
    void aResumedRunGoesOnAfterItsCheckpoint() throws Exception {
        CsvReport first = new CsvReport(folder.resolve("log.csv"));
        first.started(ToldRun.start(0));
        ToldRun.steps(first, 1, 14);
        // Killed here: steps 11 to 14 were after the last checkpoint, and the last line may be torn.
        Files.writeString(folder.resolve("log.csv"), "1", java.nio.file.StandardOpenOption.APPEND);
        CsvReport second = new CsvReport(folder.resolve("log.csv"));
        second.started(ToldRun.start(10));
        ToldRun.steps(second, 11, 12);
        second.finished(ToldRun.result());
        assertThat(lines().stream().skip(1).map(line -> line.substring(0, line.indexOf(','))))
                .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "10", "11", "12");
    }

    @Test
    void aMetricGetsAColumnWhenAnEvaluationFirstBringsIt() throws Exception {
        CsvReport report = new CsvReport(folder.resolve("log.csv"));
        report.started(ToldRun.start(0));
        report.step(ToldRun.step(1));
        report.evaluated(ToldRun.evaluation(1, Map.of("accuracy", 0.5)));
        report.step(ToldRun.step(2));
        report.evaluated(ToldRun.evaluation(2, Map.of()));
        report.evaluated(ToldRun.evaluation(3, Map.of("accuracy", 0.75, "mse", 2.0)));
        report.finished(ToldRun.result());
        assertThat(lines().get(0)).endsWith(",seconds,eval_nll,eval_accuracy,eval_mse");
        assertThat(lines())
                .hasSize(6)
                .allSatisfy(line -> assertThat(line.split(",", -1)).hasSize(10));
        assertThat(lines().get(2)).endsWith(",0.5,");
        assertThat(lines().get(4)).endsWith(",,");
        assertThat(lines().get(5)).endsWith(",0.75,2.0");
        CsvReport again = new CsvReport(folder.resolve("log.csv"));
        again.started(ToldRun.start(2));
        again.evaluated(ToldRun.evaluation(3, Map.of("mse", 1.0)));
        again.finished(ToldRun.result());
        assertThat(lines()).hasSize(6);
        assertThat(lines().get(0)).endsWith(",eval_accuracy,eval_mse");
        assertThat(lines().get(5)).endsWith(",,1.0");
    }

    @Test
    void aNewRunReplacesTheFile() throws Exception {
        Files.writeString(folder.resolve("log.csv"), "7,old\n");
        CsvReport report = new CsvReport(folder.resolve("log.csv"));
        report.started(ToldRun.start(0));
        report.finished(ToldRun.result());
        assertThat(lines()).hasSize(1);
    }

    @Test
    void aFolderThatCannotBeMadeIsAnError() throws Exception {
        Files.writeString(folder.resolve("file"), "x");
        CsvReport report = new CsvReport(folder.resolve("file/log.csv"));
        assertThatThrownBy(() -> report.started(ToldRun.start(0)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("log.csv");
    }
}
