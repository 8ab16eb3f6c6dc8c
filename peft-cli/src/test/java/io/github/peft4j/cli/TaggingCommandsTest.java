package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An encoder becomes a tagger of words, whose names of tags are found in the rows and kept with the adapter. */
class TaggingCommandsTest {

    private static final List<String> ROWS = List.of(
            "{\"tokens\":[\"anna\",\"lives\",\"in\",\"paris\"],\"tags\":[\"B-PER\",\"O\",\"O\",\"B-LOC\"]}",
            "{\"tokens\":[\"bobby\",\"goes\",\"to\",\"rome\"],\"tags\":[\"B-PER\",\"O\",\"O\",\"B-LOC\"]}",
            "{\"tokens\":[\"bob\",\"anna\",\"goes\"],\"tags\":[\"B-PER\",\"I-PER\",\"O\"]}",
            "{\"tokens\":[\"in\",\"\u200b\",\"paris\"],\"tags\":[\"O\",\"O\",\"B-LOC\"]}");

    @TempDir
    private Path work;

    private Path model;
    private Path rows;
    private Path adapter;
    private int batch = 4;

    @BeforeEach
    void write() throws IOException {
        model = Toy.encoder(work.resolve("model"));
        rows = Files.write(work.resolve("rows.jsonl"), ROWS);
        adapter = work.resolve("adapter");
    }

    private Object[] training(Object... more) {
        return CommandRun.and(
                new Object[] {
                    "train", "--model", model, "--task", "token-classification", "--data", rows, "--learning-rate", 0.05
                },
                CommandRun.and(new Object[] {"--batch-size", batch, "--output", adapter, "--json"}, more));
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void wordsAreTaggedFromTheFirstRowToPrediction() throws IOException {
        CommandRun trained = CommandRun.done(training("--steps", 60, "--eval-data", rows));
        assertThat(trained.err())
                .contains("labels   as the rows to train on have them: 4, B-LOC, B-PER, I-PER, O")
                .contains("1 words that become no token");
        assertThat(trained.json().get(60).get("eval_f1").asDouble()).isEqualTo(1);
        JsonNode told = json(adapter.resolve("labels.json"));
        assertThat(told.get("id2label")).hasToString("{\"0\":\"B-LOC\",\"1\":\"B-PER\",\"2\":\"I-PER\",\"3\":\"O\"}");
        assertThat(told.get("label2id").get("I-PER").asInt()).isEqualTo(2);

        CommandRun evaluated =
                CommandRun.done("eval", "--model", model, "--adapter", adapter, "--data", rows, "--json");
        assertThat(trained.err() + evaluated.err()).doesNotContain("drawn at random");
        JsonNode judged = evaluated.lastJson();
        assertThat(judged.get("f1").asDouble()).isEqualTo(1);
        Path bare = Files.writeString(work.resolve("bare.jsonl"), "{\"tokens\":[\"bobby\",\"\u200b\",\"goes\"]}\n");
        CommandRun predicted =
                CommandRun.done("predict", "--model", model, "--adapter", adapter, "--data", bare, "--json");
        JsonNode row = predicted.json().get(0);
        assertThat(row.get("label")).hasToString("[\"B-PER\",null,\"O\"]");
        assertThat(row.get("label_id")).hasToString("[1,null,3]");
        assertThat(row.get("logits").get(0)).hasSize(4);
        assertThat(row.get("scores").get(1).isNull()).isTrue();
        assertThat(CommandRun.done("predict", "--model", model, "--adapter", adapter, "--data", bare)
                        .out())
                .startsWith("B-PER - O");

        Path merged = work.resolve("merged");
        CommandRun.done("merge", "--model", model, "--adapter", adapter, "--output", merged);
        assertThat(json(merged.resolve("config.json")).get("id2label").get("2").asText())
                .isEqualTo("I-PER");
        JsonNode again = CommandRun.done("eval", "--model", merged, "--data", rows, "--json")
                .lastJson();
        assertThat(again.get("loss").asDouble()).isCloseTo(judged.get("loss").asDouble(), within(1e-3));
    }

    @Test
    void aHeadThatNobodyHasTrainedIsWarnedOfWhenItIsUsed() {
        CommandRun run = CommandRun.done(
                "eval",
                "--model",
                model,
                "--task",
                "token-classification",
                "--labels",
                "B-LOC,B-PER,I-PER,O",
                "--data",
                rows);
        assertThat(run.err())
                .containsOnlyOnce(
                        "warning: " + model + " has no weights for classifier, which are drawn at random: train them");
    }

    @Test
    void trialsWeighClassesAsTrainingDoes() throws IOException {
        Object[] search = {
            "search",
            "--model",
            model,
            "--task",
            "token-classification",
            "--data",
            rows,
            "--eval-data",
            rows,
            "--steps",
            3,
            "--no-shuffle",
            "--over",
            "learning-rate=0.01,0.05",
            "--json"
        };
        Object[] weighed = {"--output", work.resolve("weighed"), "--class-weights", "O=0.1,B-LOC=5"};
        CommandRun plain = CommandRun.done(CommandRun.and(search, "--output", work.resolve("plain")));
        CommandRun run = CommandRun.done(CommandRun.and(search, weighed));
        assertThat(run.err()).containsOnlyOnce("weights  of classes: B-LOC 5.000, B-PER 1.000, I-PER 1.000, O 0.1000");
        assertThat(run.json().get(0).get("value").asDouble())
                .isNotEqualTo(plain.json().get(0).get("value").asDouble());
        assertThat(run.lastJson().get("train").asText()).contains("--class-weights=O=0.1,B-LOC=5");
        CommandRun other = CommandRun.of(
                CommandRun.and(search, "--output", work.resolve("weighed"), "--resume", "--class-weights", "O=2"));
        assertThat(other.code()).as(other.err()).isEqualTo(2);
        assertThat(CommandRun.of(CommandRun.and(search, CommandRun.and(weighed, "--resume")))
                        .code())
                .isZero();
    }

    @Test
    void everyPieceCanLearnItsWordsTag() {
        int first = CommandRun.done(training("--steps", 1))
                .json()
                .get(0)
                .get("supervised_tokens")
                .asInt();
        adapter = work.resolve("all");
        int all = CommandRun.done(training("--steps", 1, "--label-pieces", "all"))
                .json()
                .get(0)
                .get("supervised_tokens")
                .asInt();
        assertThat(List.of(first, all)).containsExactly(13, 16);
        adapter = work.resolve("none");
        CommandRun other = CommandRun.of(training("--steps", 1, "--label-pieces", "last"));
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("--label-pieces: expected first or all, got last");
    }

    @Test
    void tagsThatOnlyTheHeldOutRowsHaveAreRefusedAtOnce() throws IOException {
        Path heldOut = Files.writeString(
                work.resolve("held.jsonl"), "{\"tokens\":[\"anna\",\"in\"],\"tags\":[\"B-ORG\",\"B-MISC\"]}\n");
        CommandRun run = CommandRun.of(training("--steps", 1, "--eval-data", heldOut));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("has the labels [\"B-MISC\", \"B-ORG\"], which no row of --data has; those there are"
                        + " [\"B-LOC\"");
    }

    @Test
    void whatALabelFileSaysMustGoWithTheHead() throws IOException {
        CommandRun.done(training("--steps", 1));
        Path file = adapter.resolve("labels.json");
        Object[] predict = {"predict", "--model", model, "--adapter", adapter, "--data", rows};
        List<List<String>> bad = List.of(
                List.of("{\"id2label\":{\"0\":\"a\",\"1\":\"b\"}}", "names 2 classes, but the head", "has 4 outputs"),
                List.of("{\"id2label\":{\"0\":\"a\",\"2\":\"b\"}}", "has no name for 1"),
                List.of("{\"id2label\":{\"0\":\"a\",\"1\":\"a\"}}", "names must differ"),
                List.of("{\"id2label\":{\"0\":[]}}", "0"),
                List.of("{\"id2label\":{}}", "at least one label"),
                List.of("{\"id2label\":[\"a\"]}", "id2label"),
                List.of("{\"problem_type\":\"other\"}", "problem_type must be one of"),
                List.of("[1]", "labels.json"),
                List.of("{", "no valid JSON"));
        for (List<String> each : bad) {
            Files.writeString(file, each.get(0));
            CommandRun run = CommandRun.of(predict);
            assertThat(run.code()).as(each.get(0)).isEqualTo(2);
            assertThat(run.err())
                    .as(each.get(0))
                    .contains(each.subList(1, each.size()))
                    .contains("labels.json");
        }
        Files.delete(file);
        assertThat(CommandRun.done(predict).out()).contains("LABEL_");
    }

    @Test
    void aRunGoesOnOnlyWithTheLabelsThatItBeganWith() throws IOException {
        CommandRun.done(training("--steps", 2, "--save-every", 1));
        CommandRun run =
                CommandRun.of(training("--steps", 3, "--save-every", 1, "--resume", "--labels", "B-PER,B-LOC,I-PER,O"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("labels was").contains("B-PER");
        CommandRun.done(training("--steps", 3, "--save-every", 1, "--resume"));
    }

    @Test
    void classesCanBeWeighedHoweverABatchIsCut() {
        Object[] weighed = {"--steps", 2, "--no-shuffle", "--class-weights", "O=0.25,B-LOC=3"};
        CommandRun whole = CommandRun.done(training(weighed));
        assertThat(whole.err()).contains("weights  of classes: B-LOC 3.000, B-PER 1.000, I-PER 1.000, O 0.2500");
        adapter = work.resolve("cut");
        batch = 1;
        CommandRun cut = CommandRun.done(CommandRun.and(training(weighed), "--gradient-accumulation", 4));
        batch = 4;
        adapter = work.resolve("alike");
        CommandRun alike = CommandRun.done(training("--steps", 2, "--no-shuffle"));
        adapter = work.resolve("twice");
        CommandRun twice = CommandRun.done(
                training("--steps", 2, "--no-shuffle", "--class-weights", "O=2,B-LOC=2,B-PER=2,I-PER=2"));
        for (String key : List.of("loss", "grad_norm")) {
            for (int step = 0; step < 2; step++) {
                double value = whole.json().get(step).get(key).asDouble();
                assertThat(cut.json().get(step).get(key).asDouble()).isCloseTo(value, within(1e-5 * value));
                double plain = alike.json().get(step).get(key).asDouble();
                assertThat(twice.json().get(step).get(key).asDouble()).isCloseTo(plain, within(1e-5 * plain));
                assertThat(value).isNotCloseTo(plain, within(1e-3));
            }
        }
    }

    @Test
    void balancedWeightsFollowTheRowsAndBadOnesAreRefused() {
        assertThat(CommandRun.done(training("--steps", 1, "--class-weights", "balanced"))
                        .err())
                .contains("weights  of classes: B-LOC 1.083, B-PER 1.083, I-PER 3.250, O 0.5417");
        adapter = work.resolve("none");
        for (List<String> bad : List.of(
                List.of("X=1", "expected balanced, or NAME=WEIGHT"),
                List.of("O", "expected balanced, or NAME=WEIGHT"),
                List.of("O=0", "must be above 0, got 0.0"),
                List.of("O=x", "is no number"),
                List.of("O=1,O=2", "second weight of its class"))) {
            CommandRun run = CommandRun.of(training("--steps", 1, "--class-weights", bad.get(0)));
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains("--class-weights: ", bad.get(1));
        }
    }
}
