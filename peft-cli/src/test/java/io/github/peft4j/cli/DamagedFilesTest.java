package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.cli.internal.console.Interruption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file that is read, damaged in every way: the command ends with exit code 2 and one line in words of its own, which names the file. Where
 * the damage is none for this kind of file, it does its work.
 */
final class DamagedFilesTest {

    /** What a library would say: names of classes, of switches and of kinds of tokens. */
    private static final Pattern FOREIGN = Pattern.compile(
            "java\\.|com\\.|ai\\.djl|Exception|Error|Source:|REDACTED|JsonToken|Feature|START_|END_|VALUE_|FIELD_|\\bnull pointer");

    private static final Map<String, byte[]> DAMAGE = new LinkedHashMap<>();

    static {
        DAMAGE.put("nothing", bytes(""));
        DAMAGE.put("an open object", bytes("{"));
        DAMAGE.put("an open list", bytes("["));
        DAMAGE.put("an open text", bytes("\"x"));
        DAMAGE.put("no value", bytes("{\"model_type\":}"));
        DAMAGE.put("a word", bytes("undefined"));
        DAMAGE.put("Python's words", bytes("{'model_type': None}"));
        DAMAGE.put("a number", bytes("7"));
        DAMAGE.put("two values", bytes("{} {}"));
        DAMAGE.put("a missing comma", bytes("{\"a\": 1 \"b\": 2}"));
        DAMAGE.put("a control character", bytes("{\"a\u0001\": 1}"));
        DAMAGE.put("a wrong escape", bytes("{\"\\x\": 1}"));
        DAMAGE.put("deep lists", bytes("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"));
        DAMAGE.put("a long number", bytes("{\"a\":" + "9".repeat(100_000) + "}"));
        DAMAGE.put("no UTF-8", new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        DAMAGE.put("an object", bytes("{}"));
        DAMAGE.put("an open tag", bytes("{% for"));
        DAMAGE.put("an unknown tag", bytes("{% include 'x' %}"));
        DAMAGE.put("a list of lists", bytes("[[], [[]]]"));
        DAMAGE.put(
                "nulls",
                bytes("{\"model_type\":null,\"peft_type\":null,\"model\":null,\"weight_map\":null,\"messages\":null}"));
        DAMAGE.put(
                "lists for values",
                bytes(
                        "{\"model_type\":[],\"peft_type\":[],\"model\":[],\"weight_map\":[],\"chat_template\":[1],\"messages\":[1],"
                                + "\"temperature\":[],\"eos_token_id\":[[]],\"added_tokens_decoder\":[],\"prompt\":[],\"text\":[]}"));
    }

    @TempDir
    private static Path work;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @BeforeAll
    static void write() {
        Toy.modelWithText(work.resolve("model"));
        Toy.texts(work.resolve("rows.jsonl"), 4);
        Toy.text(
                work.resolve("chat.jsonl"),
                "{\"messages\":[{\"role\":\"user\",\"content\":\"cat\"},{\"role\":\"assistant\",\"content\":\"dog\"}]}\n");
        CommandRun run = CommandRun.of(
                "train",
                "--model",
                work.resolve("model"),
                "--data",
                work.resolve("rows.jsonl"),
                "--output",
                work.resolve("adapter"),
                "--steps",
                2,
                "--save-every",
                1);
        assertThat(run.code()).as(run.err()).isZero();
    }

    /** A file within a copied folder, and the command that reads it; {@code ~} is the folder of the case. */
    static Stream<Arguments> files() {
        List<Arguments> files = new ArrayList<>();
        String generate = "generate --model ~/model --prompt cat --max-new-tokens 1";
        for (String file : List.of(
                "config.json",
                "generation_config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "added_tokens.json",
                "model.safetensors")) {
            files.add(Arguments.of("model/" + file, generate));
        }
        files.add(Arguments.of("model/config.json", "inspect ~/model"));
        files.add(Arguments.of("model/config.json", "estimate --model ~/model --method lora"));
        files.add(Arguments.of("model/model.safetensors.index.json", "inspect ~/model"));
        files.add(Arguments.of("model/tokenizer_config.json", "generate --model ~/model --chat"));
        for (String file : List.of("chat_template.jinja", "additional_chat_templates/default.jinja")) {
            files.add(Arguments.of("model/" + file, "eval --model ~/model --data ~/chat.jsonl"));
        }
        files.add(Arguments.of("adapter/adapter_config.json", "inspect ~/adapter"));
        files.add(Arguments.of("adapter/adapter_config.json", generate + " --adapter ~/adapter"));
        files.add(Arguments.of("adapter/adapter_model.safetensors", generate + " --adapter ~/adapter"));
        files.add(
                Arguments.of(
                        "adapter/adapter_config.json",
                        "train --model ~/model --data ~/rows.jsonl --output ~/o --steps 1 --config ~/adapter/adapter_config.json"));
        files.add(Arguments.of(
                "adapter/checkpoint-2/trainer_state.json",
                "train --model ~/model --data ~/rows.jsonl --output ~/adapter --steps 3 --save-every 1 --resume"));
        files.add(Arguments.of("rows.jsonl", "eval --model ~/model --data ~/rows.jsonl"));
        files.add(Arguments.of("rows.json", "eval --model ~/model --data ~/rows.json"));
        files.add(
                Arguments.of("prompts.jsonl", "generate --model ~/model --max-new-tokens 1 --prompts ~/prompts.jsonl"));
        files.add(Arguments.of("prompts.txt", "generate --model ~/model --max-new-tokens 1 --prompts ~/prompts.txt"));
        return files.stream();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("files")
    void aDamagedFileIsNamedInWordsOfOurOwn(String file, String line, @TempDir Path folder) throws IOException {
        for (Map.Entry<String, byte[]> damage : DAMAGE.entrySet()) {
            Path here = folder.resolve(damage.getKey().replace(' ', '-'));
            copy(work, here);
            Path damaged = here.resolve(file);
            Files.createDirectories(damaged.getParent());
            if (file.endsWith(".safetensors")) {
                Files.write(damaged, withLength(damage.getValue()));
            } else {
                Files.write(damaged, damage.getValue());
            }
            if (file.endsWith("index.json")) {
                Files.delete(here.resolve("model/model.safetensors"));
            }
            check(damage.getKey(), line, here, damaged);
        }
    }

    /** Files that are there if anything of this name is; a folder without a regular state is no checkpoint. */
    static Stream<Arguments> filesByName() {
        return files().filter(arguments -> !String.valueOf(arguments.get()[0]).endsWith("trainer_state.json"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("filesByName")
    void aFileThatNeverEndsIsRefused(String file, String line, @TempDir Path folder) throws IOException {
        copy(work, folder.resolve("device"));
        Path device = folder.resolve("device").resolve(file);
        Files.createDirectories(device.getParent());
        Files.deleteIfExists(device);
        Files.createSymbolicLink(device, Path.of("/dev/zero"));
        if (file.endsWith("index.json")) {
            Files.delete(folder.resolve("device/model/model.safetensors"));
        }
        CommandRun run = run(line, folder.resolve("device"));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(device + " is not a regular file");
    }

    @Test
    void aSettingThatIsNoJsonIsNamed() {
        for (String value : List.of("{", "{a:1}", "{\"a\":1}x", "{\"a\":" + "[".repeat(2000))) {
            CommandRun run = CommandRun.of(
                    "train",
                    "--model",
                    work.resolve("model"),
                    "--data",
                    work.resolve("rows.jsonl"),
                    "--output",
                    work.resolve("o"),
                    "--set",
                    "rank_pattern=" + value);
            assertThat(run.code()).as(run.err()).isEqualTo(2);
            assertThat(run.err())
                    .contains("rank_pattern must be an object of numbers")
                    .doesNotContainPattern(FOREIGN);
        }
    }

    private static void check(String damage, String line, Path folder, Path file) {
        CommandRun run = run(line, folder);
        if (run.code() != 0) {
            assertThat(run.code()).as("%s: %s", damage, run.err()).isEqualTo(2);
            assertThat(run.err().lines()).as(damage).hasSize(1);
            String message = run.err().replace(folder.toString(), "~");
            assertThat(message).as(damage).startsWith("error: ").doesNotContainPattern(FOREIGN);
            String folderOfFile = file.getParent().toString().replace(folder.toString(), "~");
            assertThat(message)
                    .as(damage)
                    .containsAnyOf(
                            String.valueOf(file.getFileName()),
                            folderOfFile + " does not fit",
                            folderOfFile + " holds",
                            "chat.jsonl line 1");
            assertThat(message.length()).as(damage).isLessThan(2000);
        }
    }

    private static CommandRun run(String line, Path folder) {
        Object[] arguments = Stream.of(line.split(" "))
                .map(word -> word.replace("~", folder.toString()))
                .toArray();
        return CommandRun.with("the cat\n", Interruption.none(), arguments);
    }

    private static byte[] withLength(byte[] header) {
        byte[] file = new byte[8 + header.length];
        for (int i = 0; i < 4; i++) {
            file[i] = (byte) (header.length >> 8 * i);
        }
        System.arraycopy(header, 0, file, 8, header.length);
        return file;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
