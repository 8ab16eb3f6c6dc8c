package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors of texts are trained by pairs and judged by what they find. */
class PairCommandsTest {

    private static final String PAIRS = """
            {"anchor":"the cat","positive":"sat on a red mat","negative":"ran on a blue mat"}
            {"anchor":"the dog","positive":"ran under the tree"}
            {"anchor":"why","positive":"a cat says no","negative":["a dog says yes","yes no"]}
            {"anchor":"red tree","positive":"blue mat on the tree"}
            """;

    @TempDir
    private Path work;

    private Path model;
    private Path pairs;
    private Path adapter;

    @BeforeEach
    void write() throws IOException {
        model = Toy.modelWithText(work.resolve("model"));
        pairs = Files.writeString(work.resolve("pairs.jsonl"), PAIRS);
        adapter = work.resolve("adapter");
    }

    private Object[] training(Object... more) {
        return CommandRun.and(
                new Object[] {
                    "train",
                    "--model",
                    model,
                    "--task",
                    "embedding",
                    "--data",
                    pairs,
                    "--output",
                    adapter,
                    "--steps",
                    30,
                    "--learning-rate",
                    0.02,
                    "--batch-size",
                    4,
                    "--json"
                },
                more);
    }

    private JsonNode eval(Object... more) {
        return CommandRun.done(CommandRun.and(new Object[] {"eval", "--model", model, "--data", pairs, "--json"}, more))
                .lastJson();
    }

    private static String refused(Object... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.code()).isEqualTo(2);
        return run.err();
    }

    @Test
    void pairsAreLearnedAndThenFound() throws IOException {
        CommandRun trained = CommandRun.done(
                training("--eval-data", pairs, "--eval-every", 10, "--best-metric", "mrr@10", "--report", "csv,html"));
        List<JsonNode> lines = trained.json();
        JsonNode first = lines.get(0);
        JsonNode last = lines.get(lines.size() - 1);
        assertThat(first.get("supervised_tokens").asInt()).isEqualTo(4);
        assertThat(last.get("best_metric").asText()).isEqualTo("mrr@10");
        assertThat(Files.readString(adapter.resolve("adapter_config.json")))
                .contains("\"task_type\": \"FEATURE_EXTRACTION\"");

        // The adapter says what it is for.
        JsonNode judged = eval("--adapter", adapter);
        List<String> names = new ArrayList<>();
        judged.fieldNames().forEachRemaining(names::add);
        assertThat(names)
                .startsWith("loss", "accuracy@1", "mrr@10", "ndcg@10", "map@100", "accuracy@3")
                .endsWith("recall@10", "rows", "seconds");
        assertThat(judged.get("mrr@10").asDouble())
                .isEqualTo(last.get("best_value").asDouble())
                .isGreaterThan(eval("--task", "embedding").get("mrr@10").asDouble() - 1e-9);
        assertThat(judged.get("loss").asDouble()).isLessThan(first.get("loss").asDouble() / 2);
    }

    @Test
    void theScaleIsThatOfTheLoss() {
        double usual = eval("--task", "embedding").get("loss").asDouble();
        assertThat(eval("--task", "embedding", "--scale", 20).get("loss").asDouble())
                .isCloseTo(usual, within(1e-9));
        assertThat(eval("--task", "embedding", "--scale", 1e-6).get("loss").asDouble())
                .isCloseTo(Math.log(7), within(1e-4));
        JsonNode step = CommandRun.done(training("--scale", 1e-6)).json().get(0);
        assertThat(step.get("loss").asDouble()).isCloseTo(Math.log(7), within(1e-4));
    }

    @Test
    void scoredPairsAreJudgedByTheirCosines() throws IOException {
        Files.writeString(pairs, """
                {"text":"the cat","text_pair":"sat on a mat","score":0.9}
                {"text":"the cat","text_pair":"blue","score":0.1}
                {"text":"why no","text_pair":"blue tree","score":0.8}
                """);
        CommandRun.done(training());
        JsonNode judged = eval("--adapter", adapter);
        assertThat(judged.get("loss").asDouble())
                .isCloseTo(judged.get("mse").asDouble(), within(1e-6))
                .isLessThan(0.05);
        assertThat(judged.get("spearmanr").asDouble()).isGreaterThan(0.4);
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() throws IOException {
        assertThat(refused("eval", "--model", model, "--data", pairs, "--scale", 5))
                .contains("--scale is for --task embedding");
        assertThat(refused(training("--scale", -1))).contains("the scale of cosines must be a positive number, got -1");
        Files.writeString(pairs, PAIRS + "{\"text\":\"cat\",\"text_pair\":\"mat\",\"score\":0.5}\n");
        assertThat(refused(training())).contains("some rows have positives and some have scores");
        Files.writeString(pairs, PAIRS + "{\"anchor\":\"cat\"}\n");
        assertThat(refused(training()))
                .contains("pairs.jsonl line 5: expected anchor and positive, and perhaps negative");
        assertThat(adapter).doesNotExist();
    }
}
