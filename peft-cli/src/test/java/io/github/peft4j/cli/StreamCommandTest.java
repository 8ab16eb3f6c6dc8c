package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that are streamed, mixed, encoded once, and cut into batches by tokens and lengths. */
class StreamCommandTest {

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

    @Test
    void dataThatFitsIntoTheShuffleBufferGivesTheAdapterOfDataInMemory() throws IOException {
        CommandRun.done(train("memory", "--steps", 10));
        CommandRun streamed = CommandRun.done(train("streamed", "--steps", 10, "--stream"));
        assertThat(weights("streamed")).isEqualTo(weights("memory"));
        assertThat(streamed.err()).contains("data     streamed; in the first window 30 rows");
        assertThat(streamed.lastJson().get("data_share").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void aRunThatGoesOnHasTheAdapterOfOneThatWasNotStopped() throws IOException {
        Object[] stream = {"--stream", "--shuffle-buffer", 8, "--schedule", "constant", "--save-every", 5};
        CommandRun.done(CommandRun.and(train("whole", "--steps", 15), stream));
        CommandRun.done(CommandRun.and(train("parts", "--steps", 5), stream));
        CommandRun.done(CommandRun.and(train("parts", "--steps", 15, "--resume"), stream));
        assertThat(weights("parts")).isEqualTo(weights("whole"));
        CommandRun other = CommandRun.of(CommandRun.and(
                train("parts", "--steps", 20, "--resume"), "--stream", "--schedule", "constant", "--save-every", 5));
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("windows of 8 rows");
    }

    @Test
    void aRowThatCannotBeUsedIsNamedWhenTheRunComesToIt() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.set(20, "{\"txt\": 1}");
        Files.write(data, lines);
        CommandRun run =
                CommandRun.of(train("run", "--steps", 10, "--stream", "--shuffle-buffer", 8, "--save-every", 100));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("1 row cannot be used", data + " line 21");
        assertThat(work.resolve("run/checkpoint-4")).isDirectory();
    }

    @Test
    void rowsAreDrawnFromFilesByWeights() throws IOException {
        Path other = Toy.texts(work.resolve("other.jsonl"), 12);
        Object[] mixed = {"--data", other, "--mix", "3,1", "--mix-until", "all", "--steps", 8};
        CommandRun.done(CommandRun.and(train("memory"), mixed));
        CommandRun.done(CommandRun.and(train("again"), mixed));
        CommandRun.done(CommandRun.and(train("turn"), "--data", other, "--steps", 8));
        CommandRun.done(CommandRun.and(train("streamed", "--stream"), mixed));
        assertThat(weights("again")).isEqualTo(weights("memory"));
        assertThat(weights("turn")).isNotEqualTo(weights("memory"));
        assertThat(weights("streamed")).isEqualTo(weights("memory"));
    }

    @Test
    void aPatternOrFolderIsMixedAsOneFileOfItsRows() throws IOException {
        Path other = Toy.texts(work.resolve("other.jsonl"), 12);
        Object[] options = {"--data", other, "--mix", "3,1", "--mix-until", "all", "--steps", 8};
        CommandRun.done(CommandRun.and(train("one"), options));
        List<String> lines = Files.readAllLines(data);
        Path folder = Files.createDirectory(work.resolve("parts"));
        Files.write(folder.resolve("train-00000-of-00002.jsonl"), lines.subList(0, 11));
        Files.write(folder.resolve("train-00001-of-00002.jsonl"), lines.subList(11, 30));
        data = folder.resolve("train-*.jsonl");
        CommandRun.done(CommandRun.and(train("pattern"), options));
        data = folder;
        CommandRun.done(CommandRun.and(train("folder", "--stream"), options));
        assertThat(weights("pattern")).isEqualTo(weights("one"));
        assertThat(weights("folder")).isEqualTo(weights("one"));
    }

    @Test
    void aFolderOfLargeFilesIsStreamedByItself() throws IOException {
        Path folder = Files.createDirectory(work.resolve("parts"));
        for (int i = 0; i < 2; i++) {
            Path file = Files.copy(data, folder.resolve("train-0000" + i + "-of-00002.jsonl"));
            // With a hole, which takes no room.
            try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
                large.setLength(600L << 20);
            }
        }
        data = folder;
        CommandRun run = CommandRun.of(train("run"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("rows are streamed, since the files of --data have 1.2 GiB, and how many there are is not"
                        + " known: give --steps, or --no-stream to read all of them into memory");
    }

    @Test
    void aMicroBatchHasAsManyRowsAsHaveTheTokens() {
        CommandRun run = CommandRun.done(train("run", "--epochs", 1, "--batch-tokens", 60));
        List<Integer> tokens = run.json().stream()
                .filter(line -> line.has("loss"))
                .map(line -> line.get("tokens").asInt())
                .toList();
        assertThat(tokens).hasSizeGreaterThan(2).allMatch(count -> count <= 60);
        assertThat(tokens.subList(0, tokens.size() - 1)).allMatch(count -> count > 30);
        CommandRun.done(train("grouped", "--epochs", 1, "--batch-tokens", 60, "--group-by-length"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--stream; rows are streamed, and how many there are is not known: give --steps",
                "--stream --steps 1 --doubled-rows skip; doubled rows cannot be looked for where rows are streamed",
                "--stream --no-stream --steps 1; --stream and --no-stream exclude each other",
                "--shuffle-buffer 5 --steps 1; --shuffle-buffer has no effect without --stream",
                "--mix 1,2 --steps 1; --mix needs a weight for each file, folder or pattern of --data: expected 1, got 2",
                "--mix x --steps 1; --mix: x is no number",
                "--mix 0 --steps 1; weights of a mix must be finite numbers above 0",
                "--mix 1 --mix-until last --steps 1; --mix-until: expected first or all, got last",
                "--mix-until all --steps 1; --mix-until has no effect without --mix",
                "--batch-size 2 --batch-tokens 9 --steps 1; --batch-size 2 and --batch-tokens 9 exclude each other",
                "--batch-tokens 0 --steps 1; --batch-tokens must be at least 1, got 0",
                "--group-by-length --no-shuffle --steps 1; rows can be grouped by length only where they are shuffled",
                "--stream --steps 1 --task sequence-classification; name them with --labels, or --num-labels",
            })
    void whatDoesNotGoTogetherIsRefused(String options, String message) {
        CommandRun run = CommandRun.of(
                train("run", (Object[]) Arrays.stream(options.split(" ")).toArray()));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    private List<Path> cached() throws IOException {
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
        assertThat(cached()).hasSize(1);
        CommandRun.done(
                train("shorter", "--steps", 1, "--max-length", 11, "--truncate", "right", "--token-cache", cache));
        assertThat(cached()).hasSize(2);
    }

    @Test
    void anotherTokenizerMakesAnotherFileOfTheCache() throws IOException {
        CommandRun.done(train("first", "--steps", 1, "--token-cache", cache));
        CommandRun.done(train("second", "--steps", 1, "--token-cache", cache, "--add-tokens", "<tool>"));
        assertThat(cached()).hasSize(2);
    }

    @Test
    void damagedRowsOfTheCacheEndTheRunWithTheFile() throws IOException {
        CommandRun.done(train("first", "--steps", 1, "--token-cache", cache));
        Path file = cached().get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[20] ^= 1;
        Files.write(file, bytes);
        CommandRun run = CommandRun.of(train("second", "--epochs", 1, "--token-cache", cache));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains(file + " is damaged: row 0 has another checksum. Remove the file");
    }

    @Test
    void whatDoesNotGoWithATokenCacheIsRefused() {
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
