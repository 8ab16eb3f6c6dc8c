package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {

    @TempDir
    private Path work;

    private Path model;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
    }

    private CommandRun generate(Object... more) {
        return talk("", more);
    }

    private CommandRun talk(String input, Object... more) {
        Object[] common = {"generate", "--model", model, "--max-new-tokens", 8, "--ignore-eos"};
        CommandRun run = CommandRun.with(input, Interruption.none(), CommandRun.and(common, more));
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void aPromptBecomesALineOfJsonAndASummary() {
        CommandRun run = generate("--prompt", "the cat", "--json");
        assertThat(run.json()).hasSize(2);
        assertThat(names(run.json().get(0))).containsExactly("ids", "text", "finish");
        assertThat(run.json().get(0).get("ids")).hasSize(8);
        assertThat(run.json().get(0).get("finish").asText()).isEqualTo("length");
        assertThat(names(run.lastJson())).containsExactly("done", "first_token_s", "tokens_per_s", "peak_rss_mib");
        assertThat(run.lastJson().get("tokens_per_s").asDouble()).isPositive();
    }

    @Test
    void tokenIdsAndTheirTextAreContinuedAlike() {
        JsonNode text = generate("--prompt", "the cat", "--json").json().get(0);
        JsonNode ids = generate("--prompt-ids", "3,4", "--json").json().get(0);
        assertThat(ids).isEqualTo(text);
    }

    @Test
    void tokenIdsNeedNoTokenizer() {
        model = Toy.model(work.resolve("without-text"));
        JsonNode made = generate("--prompt-ids", "3,4", "--json").json().get(0);
        assertThat(made.get("text").isNull()).isTrue();
        assertThat(made.get("ids")).hasSize(8);
        assertThat(generate("--prompt-ids", "3,4").out()).matches("(\\d+,){7}\\d+\\s+");
    }

    @Test
    void promptsKeepTheirOrderWhateverIsContinuedTogether() {
        Object[] prompts = {"--prompt", "the cat", "--prompt", "a", "--prompt", "why dog ran", "--json"};
        List<JsonNode> together = generate(prompts).json();
        List<JsonNode> alone =
                generate(CommandRun.and(prompts, "--batch-size", 1)).json();
        assertThat(together.subList(0, 3)).isEqualTo(alone.subList(0, 3)).hasSize(3);
    }

    @Test
    void aFileHoldsAPromptPerLine() {
        Path text = Toy.text(work.resolve("prompts.txt"), "the cat\n\nwhy\n");
        Path rows =
                Toy.text(work.resolve("prompts.jsonl"), "{\"prompt\":\"the cat\"}\n{\"input_ids\":[18],\"other\":1}\n");
        List<JsonNode> ofText = generate("--prompts", text, "--json").json();
        assertThat(ofText).hasSize(3);
        assertThat(generate("--prompts", rows, "--json").json().subList(0, 2)).isEqualTo(ofText.subList(0, 2));
    }

    @Test
    void promptsAreReadByTheSameRulesAsData() {
        List<JsonNode> expected =
                generate("--prompt", "the cat", "--json").json().subList(0, 1);
        Path marked = Toy.text(work.resolve("marked.jsonl"), "\ufeff{\"prompt\":\"the cat\",\"score\":NaN}\r\n");
        Path list = Toy.text(work.resolve("list.json"), "[\n  {\"prompt\": \"the cat\", \"input_ids\": null}\n]\n");
        Path lines = Toy.text(work.resolve("marked.txt"), "\ufeffthe cat\r\r\n");
        for (Path file : List.of(marked, list, lines)) {
            assertThat(generate("--prompts", file, "--json").json().subList(0, 1))
                    .as(file.toString())
                    .isEqualTo(expected);
        }
        refused(
                "trailing.jsonl line 1: expected nothing after the value, found x at column 15",
                "--prompts",
                Toy.text(work.resolve("trailing.jsonl"), "{\"prompt\":\"a\"}x\n"));
    }

    @Test
    void streamedTextIsTheText() {
        String whole = generate("--prompt", "the cat").out();
        assertThat(generate("--prompt", "the cat", "--stream").out()).isEqualTo(whole);
        assertThat(whole.strip()).isNotEmpty();
    }

    @Test
    void jsonIsNotDisturbedByStreaming() {
        assertThat(generate("--prompt", "the cat", "--stream", "--json").json()).hasSize(2);
    }

    @Test
    void drawingDependsOnTheSeed() {
        Object[] drawn = {"--prompt", "the cat", "--temperature", 2, "--json"};
        JsonNode first = generate(drawn).json().get(0);
        assertThat(generate(drawn).json().get(0)).isEqualTo(first);
        assertThat(generate(CommandRun.and(drawn, "--seed", 1)).json().get(0)).isNotEqualTo(first);
    }

    @Test
    void anAdapterChangesWhatComes() {
        Path rows = Toy.rows(work.resolve("rows.jsonl"), 8);
        Path adapter = work.resolve("adapter");
        CommandRun training = CommandRun.of(
                "train", "--model", model, "--data", rows, "--output", adapter, "--steps", 10, "--learning-rate", 0.1);
        assertThat(training.code()).as(training.err()).isZero();
        JsonNode base = generate("--prompt", "the cat", "--json").json().get(0);
        JsonNode adapted = generate("--prompt", "the cat", "--json", "--adapter", adapter)
                .json()
                .get(0);
        assertThat(adapted).isNotEqualTo(base);
        Path merged = work.resolve("merged");
        CommandRun merge = CommandRun.of("merge", "--model", model, "--adapter", adapter, "--output", merged, "--json");
        assertThat(merge.code()).as(merge.err()).isZero();
        assertThat(names(merge.lastJson())).startsWith("output", "max_abs_change", "max_rounding", "tensors");
        assertThat(merge.lastJson().get("max_abs_change").asDouble()).isPositive();
        model = merged;
        assertThat(generate("--prompt", "the cat", "--json").json().get(0)).isEqualTo(adapted);
    }

    private Path trained(String name, long seed) {
        return trained(name, seed, "init_lora_weights=false");
    }

    private Path trained(String name, long seed, String setting) {
        Path rows = Toy.rows(work.resolve("rows.jsonl"), 8);
        Path adapter = work.resolve(name);
        CommandRun training = CommandRun.of(
                "train",
                "--model",
                model,
                "--data",
                rows,
                "--output",
                adapter,
                "--steps",
                10,
                "--learning-rate",
                0.1,
                "--seed",
                seed,
                "--set",
                setting);
        assertThat(training.code()).as(training.err()).isZero();
        return adapter;
    }

    @Test
    void promptsNameTheirAdapters() {
        Path first = trained("first", 0);
        Path second = trained("second", 5);
        Path rows = Toy.text(work.resolve("named.jsonl"), """
                {"prompt":"the cat","adapter":"other"}
                {"prompt":"the cat","adapter":"__base__"}
                {"prompt":"the cat"}
                {"input_ids":[3,4],"adapter":"first"}
                """);
        List<JsonNode> made = generate("--adapter", first, "--adapter", "other=" + second, "--prompts", rows, "--json")
                .json();
        Object[] alone = {"--prompt", "the cat", "--json"};
        JsonNode ofFirst =
                generate(CommandRun.and(alone, "--adapter", first)).json().get(0);
        JsonNode ofSecond =
                generate(CommandRun.and(alone, "--adapter", second)).json().get(0);
        JsonNode ofBase = generate(alone).json().get(0);
        assertThat(made.subList(0, 4)).containsExactly(ofSecond, ofBase, ofFirst, ofFirst);
        assertThat(ofFirst).isNotEqualTo(ofBase).isNotEqualTo(ofSecond);
    }

    @Test
    void anAdapterThatCannotGoByRowsIsGivenBatchesOfItsOwn() {
        Path dora = trained("dora", 0, "use_dora=true");
        Path plain = trained("plain", 5);
        Path rows = Toy.text(work.resolve("named.jsonl"), """
                {"prompt":"the cat","adapter":"plain"}
                {"prompt":"the cat","adapter":"__base__"}
                {"prompt":"the cat"}
                {"prompt":"why dog","adapter":"dora"}
                {"prompt":"the cat","adapter":"plain"}
                """);
        List<JsonNode> made = generate("--adapter", dora, "--adapter", plain, "--prompts", rows, "--json")
                .json();
        Object[] alone = {"--prompt", "the cat", "--json"};
        JsonNode ofPlain =
                generate(CommandRun.and(alone, "--adapter", plain)).json().get(0);
        JsonNode ofDora =
                generate(CommandRun.and(alone, "--adapter", dora)).json().get(0);
        assertThat(made.get(0)).isEqualTo(ofPlain);
        assertThat(made.get(1)).isEqualTo(generate(alone).json().get(0));
        assertThat(made.get(2)).isEqualTo(ofDora);
        assertThat(made.get(4)).isEqualTo(ofPlain);
    }

    @Test
    void aChatNeedsATemplate() {
        model = Toy.model(work.resolve("without-template"));
        Toy.tokenizer(model, 48);
        refused("--chat: no chat template in " + model, "--chat");
    }

    @Test
    void adaptersAreToldApartByName() {
        Path adapter = trained("first", 0);
        Path rows = Toy.text(work.resolve("named.jsonl"), "{\"prompt\":\"the cat\",\"adapter\":\"x\"}\n");
        Path number = Toy.text(work.resolve("number.jsonl"), "{\"prompt\":\"the cat\",\"adapter\":1}\n");
        refused("there is none: give it with --adapter x=DIR", "--prompts", rows);
        refused("there are [first]: give it with --adapter x=DIR", "--prompts", rows, "--adapter", adapter);
        refused("number.jsonl line 1: adapter must be text, got the number 1", "--prompts", number);
        refused("two adapters are named first", "--prompt", "a", "--adapter", adapter, "--adapter", adapter);
        refused("an adapter cannot be named \"\"", "--prompt", "a", "--adapter", "=" + adapter);
        refused("--adapter: no adapter folder at ", "--prompt", "a", "--adapter", "y=" + work.resolve("nothing"));
    }

    private void refused(String message, Object... arguments) {
        CommandRun run = CommandRun.of(CommandRun.and(new Object[] {"generate", "--model", model}, arguments));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void eachLineOfAChatIsAnsweredInItsContext() {
        List<JsonNode> chat = talk("the cat\n\nwhy\n/new\nthe cat\n/exit\nno\n", "--chat", "--json")
                .json();
        assertThat(chat).hasSize(4);
        assertThat(chat.get(2)).isEqualTo(chat.get(0)).isNotEqualTo(chat.get(1));
        assertThat(chat.get(3).get("done").asBoolean()).isTrue();
    }

    @Test
    void aChatMayBeginWithASystemMessage() {
        JsonNode plain = talk("the cat", "--chat", "--json").json().get(0);
        JsonNode told =
                talk("the cat", "--chat", "--json", "--system", "red").json().get(0);
        assertThat(told).isNotEqualTo(plain);
    }

    @Test
    void peopleSeeTheAnswersAlone() {
        CommandRun run = talk("the cat\nwhy\n", "--chat");
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.err()).contains("/exit", "tokens/s");
    }

    @Test
    void generationStopsBetweenTokens() {
        Interruption interruption = Interruption.none();
        StopAfter console = new StopAfter(1, interruption);
        int code = Main.run(
                new Session(console.console(), interruption),
                "generate",
                "--model",
                model.toString(),
                "--prompt-ids",
                "3",
                "--prompt-ids",
                "4",
                "--batch-size",
                "1",
                "--max-new-tokens",
                "3",
                "--json");
        Thread.interrupted();
        assertThat(code).isEqualTo(130);
        assertThat(console.text().lines()).hasSize(1);
    }
}
