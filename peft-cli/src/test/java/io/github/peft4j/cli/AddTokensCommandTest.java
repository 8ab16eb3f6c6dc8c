package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training with tokens that the tokenizer and the checkpoint do not have, and commands with what comes of it. */
class AddTokensCommandTest {

    private static final int OLD = ToyModel.VOCABULARY;

    @TempDir
    private Path work;

    private Path model;
    private Path rows;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
        rows = Toy.text(work.resolve("rows.jsonl"), """
                {"prompt":"the","completion":" <tool> cat </tool>"}
                {"prompt":"why","completion":" <tool> dog </tool>"}
                """);
    }

    private CommandRun train(Path output, Object... more) {
        return CommandRun.done(CommandRun.and(
                new Object[] {"train", "--model", model, "--data", rows, "--output", output, "--learning-rate", 0.01},
                more));
    }

    private void refused(String message, Object... more) {
        CommandRun run = CommandRun.of(CommandRun.and(
                new Object[] {"train", "--model", model, "--data", rows, "--output", work.resolve("none")}, more));
        assertThat(run.err()).contains(message);
        assertThat(run.code()).isEqualTo(2);
        assertThat(work.resolve("none")).doesNotExist();
    }

    private double nll(Path base, Object... more) {
        return CommandRun.done(CommandRun.and(new Object[] {"eval", "--model", base, "--data", rows, "--json"}, more))
                .lastJson()
                .get("nll")
                .asDouble();
    }

    private static List<String> names(Path adapter) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"))) {
            return List.copyOf(file.names());
        }
    }

    private static JsonNode config(Path adapter) throws IOException {
        return new ObjectMapper().readTree(Files.readString(adapter.resolve("adapter_config.json")));
    }

    @Test
    void loraTrainsTheNewTokensAndEveryCommandKnowsThem() throws IOException {
        Path adapter = work.resolve("adapter");
        CommandRun run = train(adapter, "--add-tokens", "<tool>,</tool>", "--steps", 4, "--save-every", 2);
        assertThat(run.err()).contains("tokens   \"<tool>\" 48, \"</tool>\" 49; 2 beyond the model's 48");
        assertThat(config(adapter).get("trainable_token_indices"))
                .hasToString("{\"embed_tokens\":[48,49],\"lm_head\":[48,49]}");
        assertThat(names(adapter))
                .allMatch(name -> name.contains("lora_") || name.endsWith("trainable_tokens_delta"))
                .filteredOn(name -> name.endsWith("trainable_tokens_delta"))
                .hasSize(2);
        assertThat(adapter.resolve("checkpoint-2").resolve("tokenizer.json"))
                .hasSameTextualContentAs(adapter.resolve("tokenizer.json"));
        CommandRun generated = CommandRun.done(
                "generate",
                "--model",
                model,
                "--adapter",
                adapter,
                "--prompt",
                "the <tool>",
                "--greedy",
                "--max-new-tokens",
                4,
                "--json");
        assertThat(generated.err()).contains("LORA, with a vocabulary of " + (OLD + 2) + " tokens");
        double adapted = nll(model, "--adapter", adapter);
        Path merged = work.resolve("merged");
        CommandRun.done("merge", "--model", model, "--adapter", adapter, "--output", merged);
        assertThat(Math.abs(nll(merged) - adapted)).isLessThan(1e-5);
        Path more = work.resolve("more");
        train(more, "--init-adapter", adapter, "--steps", 4);
        assertThat(nll(model, "--adapter", more)).isLessThan(adapted);
        assertThat(more.resolve("tokenizer.json")).hasSameTextualContentAs(adapter.resolve("tokenizer.json"));
    }

    @Test
    void aResumedRunEndsAsOneThatWasLeftAlone() throws IOException {
        Path whole = work.resolve("whole");
        Path halves = work.resolve("halves");
        Object[] options = {"--add-tokens", "<tool>", "--add-special-tokens", "</tool>", "--save-every", 2};
        train(whole, CommandRun.and(options, "--epochs", 4, "--batch-size", 1));
        train(halves, CommandRun.and(options, "--epochs", 4, "--batch-size", 1));
        for (int step = 4; step <= 8; step += 2) {
            Files.walk(halves.resolve("checkpoint-" + step))
                    .sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
        train(halves, CommandRun.and(options, "--epochs", 4, "--batch-size", 1, "--resume"));
        for (String file : List.of("adapter_model.safetensors", "adapter_config.json", "tokenizer.json")) {
            assertThat(halves.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
    }

    @Test
    void trainableTokensTrainsThemAloneInBothTables() throws IOException {
        Path adapter = work.resolve("adapter");
        double before = nll(model);
        train(
                adapter,
                "--method",
                "trainable-tokens",
                "--add-tokens",
                "<tool>",
                "--add-tokens",
                "</tool>,cat",
                "--steps",
                3);
        assertThat(config(adapter).get("token_indices")).hasSize(3);
        assertThat(config(adapter).get("token_indices").get(1).intValue()).isEqualTo(OLD + 1);
        assertThat(config(adapter).get("token_indices").get(2).intValue()).isLessThan(OLD);
        assertThat(names(adapter))
                .containsExactlyInAnyOrder(
                        "base_model.model.lm_head.trainable_tokens_delta",
                        "base_model.model.model.embed_tokens.trainable_tokens_delta");
        assertThat(nll(model, "--adapter", adapter)).isNotEqualTo(before);
    }

    @Test
    void whatCannotHaveThemIsRefused() {
        refused(
                "--add-tokens trains the vectors of single tokens, which --method lora and trainable-tokens can, and ia3 cannot",
                "--add-tokens",
                "<tool>",
                "--method",
                "ia3");
        refused("--add-special-tokens trains the vectors", "--add-special-tokens", "<tool>", "--method", "full");
        refused(
                "--add-tokens and the setting trainable_token_indices both say which tokens are trained",
                "--add-tokens",
                "<tool>",
                "--set",
                "trainable_token_indices=3");
        refused("--add-tokens: tokens to add: a token is empty", "--add-tokens", "<tool>,,x");
        refused("--add-tokens: tokens to add: \"<tool>\" is named twice", "--add-tokens", "<tool>,<tool>");
        refused(
                "model.embed_tokens, which is a target module",
                "--add-tokens",
                "<tool>",
                "--set",
                "target_modules=embed_tokens");
        Toy.tokenizer(model, OLD + 2);
        refused("has tokens of its own that the model has no vectors of: 48 to 49", "--add-tokens", "<tool>");
    }
}
