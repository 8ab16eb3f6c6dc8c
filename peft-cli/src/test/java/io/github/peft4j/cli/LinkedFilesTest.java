package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Links in folders of strangers: what they lead to is neither read nor copied. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "only administrators may make links there")
class LinkedFilesTest {

    private static final String SECRET = "the user's own";

    @TempDir
    private Path work;

    private Path model;
    private Path adapter;
    private Path rows;
    private Path output;
    private Path secret;

    @BeforeEach
    void write() {
        model = Toy.model(work.resolve("model"));
        rows = Toy.rows(work.resolve("rows.jsonl"), 4);
        adapter = work.resolve("adapter");
        output = work.resolve("output");
        secret = Toy.text(work.resolve("secret"), SECRET);
        CommandRun.of("train", "--model", model, "--data", rows, "--output", adapter, "--steps", 1);
    }

    private void refused(CommandRun run) throws IOException {
        assertThat(run.err()).startsWith("error: ").contains("leads out of its folder");
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.code()).isEqualTo(2);
        assertThat(output).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab.txt", "tokenizer.model", "chat_template.jinja", "generation_config.json"})
    void mergeCopiesNothingFromElsewhere(String companion) throws IOException {
        Files.createSymbolicLink(model.resolve(companion), secret);
        refused(CommandRun.of("merge", "--model", model, "--adapter", adapter, "--output", output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab.txt", "merges.txt"})
    void fullFineTuningCopiesNothingFromElsewhereAndSaysSoBeforeTheFirstStep(String companion) throws IOException {
        Files.createSymbolicLink(model.resolve(companion), secret);
        CommandRun run = CommandRun.of(
                "train",
                "--model",
                model,
                "--method",
                "full",
                "--data",
                rows,
                "--output",
                output,
                "--steps",
                2,
                "--save-every",
                1);
        refused(run);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapter_config.json", "adapter_model.safetensors"})
    void anAdapterIsNotReadElsewhere(String file) throws IOException {
        Path moved = Files.move(adapter.resolve(file), work.resolve(file));
        Files.createSymbolicLink(adapter.resolve(file), moved);
        refused(CommandRun.of("eval", "--model", model, "--data", rows, "--adapter", adapter));
        refused(CommandRun.of("inspect", adapter));
        refused(CommandRun.of("merge", "--model", model, "--adapter", adapter, "--output", output));
        refused(CommandRun.of(
                "train", "--model", model, "--data", rows, "--init-adapter", adapter, "--output", output));
    }

    @Test
    void aCheckpointToResumeFromIsNotReadElsewhere() throws IOException {
        Path run = work.resolve("run");
        Object[] train = {
            "train", "--model", model, "--data", rows, "--output", run, "--steps", 2, "--save-every", 1, "--resume"
        };
        assertThat(CommandRun.of(train).code()).isZero();
        Path moved = Files.move(run.resolve("checkpoint-2"), work.resolve("checkpoint-2"));
        Files.createSymbolicLink(run.resolve("checkpoint-2"), moved);
        refused(CommandRun.of(train));
    }

    @Test
    void linksOfTheHubsCacheAreFollowedAndTheirFilesCopied() throws IOException {
        Path repository = work.resolve("models--org--name");
        Path blobs = Files.createDirectories(repository.resolve("blobs"));
        Path snapshot = Files.createDirectories(repository.resolve("snapshots/abc"));
        Toy.text(model.resolve("vocab.txt"), "ours");
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Path name = file.getFileName();
                Files.move(file, blobs.resolve("hash-of-" + name));
                Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs/hash-of-" + name));
            }
        }
        CommandRun run = CommandRun.of("merge", "--model", snapshot, "--adapter", adapter, "--output", output);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(output.resolve("vocab.txt")).hasContent("ours").isRegularFile();
    }
}
