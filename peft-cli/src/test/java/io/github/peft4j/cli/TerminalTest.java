package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that a file says steers the terminal, and no file makes a line endless. */
class TerminalTest {

    private static final String IN_JSON = "\\u001b]0;PWNED\\u0007\\u001b[31m\\u202e\\n";

    private static final String SHOWN = "\\u001b]0;PWNED\\u0007\\u001b[31m\\u202e";

    @TempDir
    private Path work;

    private Path model;
    private Path adapter;
    private Path rows;

    @BeforeEach
    void write() {
        model = Toy.model(work.resolve("model"));
        rows = Toy.rows(work.resolve("rows.jsonl"), 4);
        adapter = work.resolve("adapter");
        CommandRun.of("train", "--model", model, "--data", rows, "--output", adapter, "--steps", 1);
    }

    private static void change(Path file, String regex, String replacement) throws IOException {
        String text = Files.readString(file);
        String changed = text.replaceFirst(regex, replacement.replace("\\", "\\\\"));
        assertThat(changed).isNotEqualTo(text);
        Files.writeString(file, changed);
    }

    private static void isHarmless(CommandRun run) {
        for (String stream : new String[] {run.out(), run.err()}) {
            assertThat(stream.codePoints().filter(c -> c != '\n')).noneMatch(Printable::isHidden);
            assertThat(stream.lines()).allMatch(line -> line.length() < Printable.LONGEST_MESSAGE + 100);
        }
    }

    @Test
    void aBaseModelsNameIsShownOnStandardOutputAndInWarnings() throws IOException {
        change(
                adapter.resolve("adapter_config.json"),
                "(\"base_model_name_or_path\": )[^,]*,",
                "$1\"a" + IN_JSON + "\",");
        CommandRun inspected = CommandRun.of("inspect", adapter);
        isHarmless(inspected);
        assertThat(inspected.out()).contains("base model").contains("a" + SHOWN);
        CommandRun json = CommandRun.of("inspect", adapter, "--json");
        isHarmless(json);
        assertThat(json.lastJson().get("base_model").textValue()).isEqualTo("a\u001b]0;PWNED\u0007\u001b[31m\u202e\n");
        CommandRun used = CommandRun.of("eval", "--model", model, "--data", rows, "--adapter", adapter);
        isHarmless(used);
        assertThat(used.code()).isZero();
        assertThat(used.err()).contains("was made for the base model 'a" + SHOWN);
    }

    @Test
    void aMethodsNameIsShown() throws IOException {
        change(adapter.resolve("adapter_config.json"), "(\"peft_type\": )\"LORA\"", "$1\"a" + IN_JSON + "\"");
        CommandRun run = CommandRun.of("eval", "--model", model, "--data", rows, "--adapter", adapter);
        isHarmless(run);
        assertThat(run.err()).startsWith("error: ").contains("a" + SHOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model_type", "hidden_act"})
    void valuesOfAModelsConfigAreShown(String key) throws IOException {
        change(model.resolve("config.json"), "\\{", "{\"" + key + "\":\"a" + IN_JSON + "\",");
        if (key.equals("model_type")) {
            change(model.resolve("config.json"), "\"model_type\":\"llama\",", "");
        }
        CommandRun run = CommandRun.of("eval", "--model", model, "--data", rows);
        isHarmless(run);
        assertThat(run.err()).startsWith("error: ").contains("a" + SHOWN);
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void aTensorsNameIsShown() throws IOException {
        Path weights = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        // As long as the name that it takes the place of.
        String name = "a\\u001b[31m\\u202e" + "b".repeat("model.embed_tokens.weight".length() - 17);
        assertThat(name).hasSameSizeAs("model.embed_tokens.weight");
        Files.write(weights, latin.replace("model.embed_tokens.weight", name).getBytes(StandardCharsets.ISO_8859_1));
        CommandRun run = CommandRun.of("eval", "--model", model, "--data", rows);
        isHarmless(run);
        assertThat(run.err()).contains("unexpected a\\u001b[31m\\u202e");
    }

    @Test
    void keysOfARowAreShown() {
        Path bad = Toy.text(work.resolve("bad.jsonl"), "{\"a" + IN_JSON + "\":1}\n");
        CommandRun run = CommandRun.of("train", "--model", model, "--data", bad, "--output", work.resolve("o"));
        isHarmless(run);
        assertThat(run.code()).isEqualTo(2);
    }

    @Test
    void aLongValueIsShortened() throws IOException {
        change(model.resolve("config.json"), "\\{", "{\"hidden_act\":\"" + "x".repeat(1 << 20) + "\",");
        CommandRun run = CommandRun.of("eval", "--model", model, "--data", rows);
        isHarmless(run);
        assertThat(run.err()).contains(" characters left out ... ");
    }

    @Test
    void aStackTraceIsHarmlessToo() throws IOException {
        change(model.resolve("config.json"), "\\{", "{\"hidden_act\":\"a" + IN_JSON + "\",");
        CommandRun run = CommandRun.of("eval", "--model", model, "--data", rows, "--stacktrace");
        isHarmless(run);
        assertThat(run.err()).contains("    at io.github.peft4j.");
    }

    @Test
    void whatAModelWritesDoesNotSteerTheTerminalEither() throws IOException {
        Path text = Toy.modelWithText(work.resolve("text-model"));
        String tokenizer = Files.readString(text.resolve("tokenizer.json"));
        for (int id = 3; id < ToyModel.VOCABULARY; id++) {
            tokenizer = tokenizer.replaceFirst(
                    "\"[a-z0-9]+\":" + id + "([,}])", "\"\\\\\\\\u001b[" + id + "m\":" + id + "$1");
        }
        Files.writeString(text.resolve("tokenizer.json"), tokenizer);
        CommandRun plain = CommandRun.of(
                "generate", "--model", text, "--prompt-ids", "3,4", "--max-new-tokens", 8, "--greedy", "--ignore-eos");
        isHarmless(plain);
        assertThat(plain.code()).as(plain.err()).isZero();
        assertThat(plain.out()).contains("\\u001b[");
    }
}
