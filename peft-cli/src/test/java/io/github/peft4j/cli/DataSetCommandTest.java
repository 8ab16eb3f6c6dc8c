package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets that are folders, by split and slice. */
final class DataSetCommandTest {

    private static final Path DATA = Path.of("../peft-training/src/test/resources/columnar");

    @TempDir
    private Path work;

    private Path model;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
    }

    private Object[] train(String data, String output, Object... more) {
        return CommandRun.and(
                new Object[] {
                    "train",
                    "--model",
                    model,
                    "--data",
                    DATA.resolve(data),
                    "--output",
                    work.resolve(output),
                    "--steps",
                    3
                },
                more);
    }

    private byte[] weights(String output) throws IOException {
        return Files.readAllBytes(work.resolve(output).resolve("adapter_model.safetensors"));
    }

    @Test
    void theSameRowsGiveTheSameAdapterInEveryFormat() throws IOException {
        CommandRun lines = CommandRun.done(
                train("dict-train.jsonl", "lines", "--eval-data", DATA.resolve("dict-validation.jsonl")));
        CommandRun arrow = CommandRun.done(train("dict", "arrow", "--eval-data", DATA.resolve("dict")));
        CommandRun parquet = CommandRun.done(train(
                "hub",
                "parquet",
                "--split",
                "train[:50%]+train[5:]",
                "--eval-data",
                DATA.resolve("hub"),
                "--eval-split",
                "test"));
        assertThat(weights("arrow")).isEqualTo(weights("lines"));
        assertThat(weights("parquet")).isEqualTo(weights("lines"));
        assertThat(List.of(lines, arrow, parquet))
                .extracting(CommandRun::err)
                .allMatch(text -> text.contains("10 rows"));
        assertThat(arrow.err()).contains("held out 4 rows");
        assertThat(parquet.err()).contains("held out 3 rows");
    }

    @Test
    void aClassifierHasTheNamesOfTheDataSetsClasses() throws IOException {
        CommandRun run = CommandRun.done(train(
                "hub", "adapter", "--task", "sequence-classification", "--eval-data", DATA.resolve("dict-test.jsonl")));
        assertThat(run.err()).contains("labels   as the rows to train on have them: 3, negative, neutral, positive");
        assertThat(Files.readString(work.resolve("adapter/labels.json"))).contains("\"2\": \"positive\"");
    }

    @Test
    void aSplitThatIsNotThereIsNamedWithThoseThatAre() {
        CommandRun run = CommandRun.of(train("dict", "adapter", "--split", "dev"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("has no split dev, but train, validation, test");
    }

    @Test
    void aSplitToEvaluateOnNeedsData() {
        CommandRun run = CommandRun.of(train("dict", "adapter", "--eval-split", "test"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--eval-split has no effect without --eval-data");
    }
}
