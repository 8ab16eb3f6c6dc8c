package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts become vectors, on the screen or in a file. */
class EmbedCommandTest {

    @TempDir
    private Path work;

    private Path model;
    private Path texts;

    @BeforeEach
    void write() throws IOException {
        model = Toy.modelWithText(work.resolve("model"));
        texts = Files.writeString(
                work.resolve("texts.jsonl"),
                "{\"text\":\"the cat\"}\n{\"input_ids\":[3,4,5]}\n{\"text\":\"the dog and the cat\"}\n");
    }

    private List<JsonNode> embedded(Object... more) {
        return CommandRun.done(
                        CommandRun.and(new Object[] {"embed", "--model", model, "--data", texts, "--json"}, more))
                .json();
    }

    @Test
    void printsAVectorForEachTextAndWhatWasDone() {
        List<JsonNode> lines = embedded();
        assertThat(lines).hasSize(4);
        JsonNode done = lines.get(3);
        assertThat(done.get("done").asBoolean()).isTrue();
        assertThat(done.get("rows").asInt()).isEqualTo(3);
        assertThat(done.get("cut").asInt()).isZero();
        assertThat(lines.get(0).get("embedding")).hasSize(done.get("dimensions").asInt());
        List<JsonNode> other = CommandRun.done(
                        "embed", "--model", model, "--text", "the cat", "the dog", "--json", "--task", "embedding")
                .json();
        assertThat(other).hasSize(3);
        for (int i = 0; i < 16; i++) {
            assertThat(other.get(0).get("embedding").get(i).asDouble())
                    .isCloseTo(lines.get(0).get("embedding").get(i).asDouble(), within(1e-5));
        }
    }

    @Test
    void poolingAndLengthCanBeChosen() {
        double squares = 0;
        for (JsonNode value :
                embedded("--pooling", "mean", "--normalize").get(0).get("embedding")) {
            squares += Math.pow(value.asDouble(), 2);
        }
        assertThat(squares).isCloseTo(1, within(1e-6));
        assertThat(embedded("--pooling", "mean").get(0)).isNotEqualTo(embedded().get(0));
    }

    @Test
    void writesFilesOfBothKinds() throws IOException, SQLException {
        Path lines = work.resolve("vectors.jsonl");
        Path parquet = work.resolve("vectors'.parquet");
        List<JsonNode> printed = embedded();
        assertThat(embedded("--output", lines)).hasSize(1);
        embedded("--output", parquet);
        try (Stream<String> written = Files.lines(lines)) {
            assertThat(written)
                    .containsExactlyElementsOf(
                            printed.stream().limit(3).map(JsonNode::toString).toList());
        }
        try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet rows = database.createStatement()
                        .executeQuery("SELECT embedding, typeof(embedding) FROM '"
                                + parquet.toString().replace("'", "''") + "'")) {
            for (JsonNode line : printed.subList(0, 3)) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(2)).isEqualTo("FLOAT[]");
                Object[] values = (Object[]) rows.getArray(1).getArray();
                assertThat(values).hasSize(line.get("embedding").size());
                assertThat((Float) values[0])
                        .isEqualTo((float) line.get("embedding").get(0).asDouble());
            }
            assertThat(rows.next()).isFalse();
        }
        try (Stream<Path> files = Files.list(work)) {
            assertThat(files)
                    .doesNotContain(work.resolve(".tmp"))
                    .noneMatch(file -> file.toString().endsWith(".tmp"));
        }
    }

    @Test
    void refusesBeforeAnyWork() throws IOException {
        Path there = Files.writeString(work.resolve("there.jsonl"), "mine");
        assertThat(CommandRun.of("embed", "--model", model, "--data", texts, "--output", there))
                .satisfies(run -> assertThat(run.code()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("is there already: choose another, or remove it"));
        assertThat(there).hasContent("mine");
        assertThat(CommandRun.of("embed", "--model", model, "--data", texts, "--output", "vectors.npy")
                        .err())
                .contains("expected a file whose name ends in .jsonl or .parquet, got vectors.npy");
        assertThat(CommandRun.of("embed", "--model", model, "--text", "a", "--pooling", "median")
                        .err())
                .contains("a pooling must be one of cls, max, mean");
        assertThat(CommandRun.of("embed", "--model", model, "--text", "a", "--prompt-name", "query")
                        .err())
                .contains("no prompt \"query\": expected one of []");
        assertThat(CommandRun.of("embed", "--model", model).err()).contains("missing --data or --text");
        assertThat(CommandRun.of("embed", "--model", model, "--text", "a", "--task", "masked-lm")
                        .err())
                .contains("--task: embed is for embedding, got masked-lm");
    }
}
