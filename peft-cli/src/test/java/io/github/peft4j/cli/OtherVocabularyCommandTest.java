package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.testkit.ToyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands with an adapter that was trained after the model was given more tokens. */
class OtherVocabularyCommandTest {

    private static final int TOKENS = ToyModel.VOCABULARY + 4;

    @TempDir
    private Path work;

    private Path model;
    private Path adapter;
    private Path rows;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
        adapter = work.resolve("adapter");
        CommandRun.done(
                "train",
                "--model",
                model,
                "--data",
                Toy.rows(work.resolve("old.jsonl"), 4),
                "--output",
                adapter,
                "--steps",
                2);
        Toy.giveTables(adapter, TOKENS);
        rows = Toy.text(
                work.resolve("rows.jsonl"),
                "{\"input_ids\":[3,50,51,7],\"labels\":[3,50,51,7]}\n{\"input_ids\":[9,4,49],\"labels\":[9,4,49]}\n");
    }

    private static void refused(String message, Object... arguments) {
        CommandRun run = CommandRun.of(arguments);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    private static double nll(Object... arguments) {
        return CommandRun.done(arguments).lastJson().get("nll").asDouble();
    }

    @Test
    void rowsMayHoldTheTokensThatTheAdapterBrings() {
        assertThat(nll("eval", "--model", model, "--adapter", adapter, "--data", rows, "--json"))
                .isPositive();
        refused("rows.jsonl line 1: expected ids below 48, got 51", "eval", "--model", model, "--data", rows);
        Path beyond = Toy.text(work.resolve("beyond.jsonl"), "{\"input_ids\":[3,52],\"labels\":[3,52]}\n");
        refused("expected ids below 52, got 52", "eval", "--model", model, "--adapter", adapter, "--data", beyond);
        assertThat(CommandRun.done("eval", "--model", model, "--adapter", adapter, "--data", rows)
                        .err())
                .contains("adapter  " + adapter + ": LORA, with a vocabulary of " + TOKENS + " tokens");
    }

    @Test
    void aMergedCheckpointIsOfTheAdaptersVocabulary() {
        Path merged = work.resolve("merged");
        CommandRun.done("merge", "--model", model, "--adapter", adapter, "--output", merged);
        double adapted = nll("eval", "--model", model, "--adapter", adapter, "--data", rows, "--json");
        double plain = nll("eval", "--model", merged, "--data", rows, "--json");
        assertThat(Math.abs(plain - adapted)).isLessThan(1e-5);
        assertThat(CommandRun.done("inspect", merged, "--json")
                        .lastJson()
                        .get("parameters")
                        .asLong())
                .isEqualTo(CommandRun.done("inspect", model, "--json")
                                .lastJson()
                                .get("parameters")
                                .asLong()
                        + 2L * 4 * ToyModel.LLAMA.hiddenSize());
    }

    @Test
    void trainingGoesOnFromIt() throws Exception {
        Toy.tokenizer(adapter, TOKENS);
        Path again = work.resolve("again");
        Path texts = Toy.text(work.resolve("texts.jsonl"), "{\"prompt\":\"the w47\",\"completion\":\" cat w48\"}\n");
        CommandRun trained = CommandRun.done(
                "train", "--model", model, "--init-adapter", adapter, "--data", texts, "--output", again, "--steps", 3);
        assertThat(trained.err()).contains("tokens   by the tokenizer in " + adapter);
        assertThat(again.resolve("tokenizer.json")).hasSameTextualContentAs(adapter.resolve("tokenizer.json"));
        assertThat(nll("eval", "--model", model, "--adapter", again, "--data", texts, "--json"))
                .isLessThan(nll("eval", "--model", model, "--adapter", adapter, "--data", texts, "--json"));
        assertThat(Files.size(again.resolve("adapter_model.safetensors")))
                .isEqualTo(Files.size(adapter.resolve("adapter_model.safetensors")));
    }

    private List<JsonNode> made(Object... more) {
        return CommandRun.done(CommandRun.and(
                        new Object[] {
                            "generate", "--model", model, "--max-new-tokens", 5, "--ignore-eos", "--greedy", "--json"
                        },
                        more))
                .json();
    }

    @Test
    void textIsReadAndWrittenByTheAdaptersTokenizer() {
        Toy.tokenizer(adapter, TOKENS);
        JsonNode ofText = made("--adapter", adapter, "--prompt", "the w47").get(0);
        JsonNode ofIds = made("--adapter", adapter, "--prompt-ids", "3,50").get(0);
        assertThat(ofText).isEqualTo(ofIds);
        assertThat(made("--prompt", "the w47").get(0))
                .isEqualTo(made("--prompt-ids", "3,0").get(0));
        refused(
                "prompt 0 has token id 50, which is not in the vocabulary of 48 tokens",
                "generate",
                "--model",
                model,
                "--prompt-ids",
                "3,50");
    }

    @Test
    void aTokenizerOfMoreTokensThanTheTablesHaveIsNotBelieved() {
        Toy.tokenizer(adapter, TOKENS + 1);
        refused(
                "prompt 0 has token id 52, which is not in the vocabulary of 52 tokens",
                "generate",
                "--model",
                model,
                "--adapter",
                adapter,
                "--prompt",
                "w49");
        Path texts = Toy.text(work.resolve("texts.jsonl"), "{\"text\":\"the w49\"}\n");
        refused("expected ids below 52, got 52", "eval", "--model", model, "--adapter", adapter, "--data", texts);
    }

    @Test
    void promptsOfSeveralVocabulariesAreContinuedEachWithItsOwn() {
        Toy.tokenizer(adapter, TOKENS);
        Path named = Toy.text(work.resolve("named.jsonl"), """
                {"prompt":"the w47","adapter":"more"}
                {"prompt":"the w47","adapter":"__base__"}
                {"prompt":"w47 the","adapter":"more"}
                {"prompt":"why w47","adapter":"more"}
                """);
        List<JsonNode> all = made("--adapter", "more=" + adapter, "--prompts", named);
        assertThat(all.get(0))
                .isEqualTo(made("--adapter", adapter, "--prompt", "the w47").get(0));
        assertThat(all.get(1)).isEqualTo(made("--prompt", "the w47").get(0));
        assertThat(all.get(2))
                .isEqualTo(made("--adapter", adapter, "--prompt", "w47 the").get(0));
        assertThat(all.get(3))
                .isEqualTo(made("--adapter", adapter, "--prompt", "why w47").get(0));
    }
}
