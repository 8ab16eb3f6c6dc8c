package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are encoded once into a file. */
class TokenCacheCommandTest {

    @TempDir
    private Path work;

    private Path model;
    private Path data;
    private Path cache;

    @BeforeEach
    void write() {
        model = Toy.modelWithText(work.resolve("model"));
        data = Toy.texts(work.resolve("rows.jsonl"), 30);
        cache = work.resolve("cache");
    }

    private Object[] train(String output, Object... more) {
        return CommandRun.and(
                new Object[] {"train", "--model", model, "--data", data, "--output", work.resolve(output), "--json"},
                more);
    }

    private byte[] weights(String output) throws IOException {
        return Files.readAllBytes(work.resolve(output).resolve("adapter_model.safetensors"));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(cache)) {
            return all.filter(file -> file.toString().endsWith(".rows")).toList();
        }
    }

    @Test
    void rowsOfTheCacheGiveTheAdapterOfRowsInMemoryAndAreEncodedOnce() throws IOException {
        Object[] mixed = {"--epochs", 2, "--max-length", 12, "--truncate", "right", "--doubled-rows", "skip"};
        CommandRun memory = CommandRun.done(train("memory", mixed));
        for (String run : List.of("first", "second")) {
            CommandRun cached = CommandRun.done(CommandRun.and(train(run, mixed), "--token-cache", cache));
            assertThat(weights(run)).isEqualTo(weights("memory"));
            assertThat(cached.lastJson().get("steps"))
                    .isEqualTo(memory.lastJson().get("steps"));
            assertThat(cached.err()).contains("data     30 rows, ", "in " + cache);
        }
        assertThat(files()).hasSize(1);
        CommandRun.done(
                train("shorter", "--steps", 1, "--max-length", 11, "--truncate", "right", "--token-cache", cache));
        assertThat(files()).hasSize(2);
    }

    @Test
    void anotherTokenizerMakesAnotherFile() throws IOException {
        CommandRun.done(train("first", "--steps", 1, "--token-cache", cache));
        CommandRun.done(train("second", "--steps", 1, "--token-cache", cache, "--add-tokens", "<tool>"));
        assertThat(files()).hasSize(2);
    }

    @Test
    void damagedRowsEndTheRunWithTheFile() throws IOException {
        CommandRun.done(train("first", "--steps", 1, "--token-cache", cache));
        Path file = files().get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] ^= 1;
        Files.write(file, bytes);
        CommandRun run = CommandRun.of(train("second", "--epochs", 1, "--token-cache", cache));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(file + " is damaged: row 0 has another checksum. Remove the file");
    }

    @Test
    void whatDoesNotGoWithItIsRefused() {
        assertThat(CommandRun.of(train("run", "--token-cache", cache, "--stream"))
                        .err())
                .contains("--token-cache", "leave out --stream");
        assertThat(CommandRun.of(train("run", "--token-cache", cache, "--no-stream"))
                        .err())
                .contains("leave out --no-stream");
        assertThat(CommandRun.of(train("run", "--token-cache", cache, "--shuffle-buffer", 8))
                        .err())
                .contains("--shuffle-buffer", "--stream");
        CommandRun file = CommandRun.of(train("run", "--token-cache", data, "--steps", 1));
        assertThat(file.code()).isEqualTo(2);
        assertThat(file.err()).contains("--token-cache: " + data + " is not a folder");
    }
}
