package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFineTuningTest {

    private static final Path QUICKSTART = Path.of("../peft-cli/src/main/resources/quickstart");

    @Test
    void theReadmesExampleTrainsSavesAndGenerates(@TempDir Path folder) throws Exception {
        String prompt = "Please send 3 red lamps to Anna.\n";
        String made = LoraFineTuning.run(
                QUICKSTART.toString(), QUICKSTART.resolve("train.jsonl"), folder.resolve("adapter"), prompt, 120);
        assertThat(made).startsWith("{\"name\":\"").contains("\"count\":", "\"colour\":", "\"item\":");
        assertThat(folder.resolve("adapter"))
                .isDirectoryContaining("glob:**/adapter_config.json")
                .isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    @Test
    void theCommandTrainsTheSameAdapterByteForByte(@TempDir Path folder) throws Exception {
        Path data = QUICKSTART.resolve("train.jsonl");
        LoraFineTuning.run(
                QUICKSTART.toString(), data, folder.resolve("program"), "Please send 3 red lamps to Anna.\n", 8);
        String settings =
                "--steps 8 --batch-size 4 --learning-rate 2e-3 --set r=16 --set lora_alpha=32 --set target_modules=q_proj,v_proj";
        List<String> command = new ArrayList<>(List.of("train", "--model", QUICKSTART.toString(), "--data"));
        command.addAll(
                List.of(data.toString(), "--output", folder.resolve("command").toString(), "--threads", "1"));
        command.addAll(List.of(settings.split(" ")));
        CommandProcess.run(command);
        for (String file : List.of("adapter_config.json", "adapter_model.safetensors", "README.md")) {
            assertThat(folder.resolve("program").resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("command").resolve(file));
        }
    }

    private static String shown() throws Exception {
        String readme = Files.readString(Path.of("../README.md"));
        int start = readme.indexOf("```java\n") + "```java\n".length();
        return readme.substring(start, readme.indexOf("```", start));
    }

    private static String program() throws Exception {
        return Files.readString(Path.of("src/main/java/io/github/peft4j/examples/LoraFineTuning.java"));
    }

    @Test
    void theReadmeShowsTheExampleAsItIs() throws Exception {
        assertThat(program().replaceAll("\\s+", "")).contains(shown().replaceAll("\\s+", ""));
    }

    @Test
    void theReadmesExampleHasAtMostTenStatementsAndSevenTypes() throws Exception {
        String code = shown().replaceAll("//.*", "").replaceAll("\"[^\"]*\"", "");
        long statements =
                Pattern.compile(";|\\btry \\(").matcher(code).results().count();
        assertThat(statements).isBetween(5L, 10L);
        List<String> types = Pattern.compile("(?<![.\\w])[A-Z]\\w*")
                .matcher(code)
                .results()
                .map(MatchResult::group)
                .filter(type -> !type.equals("System"))
                .distinct()
                .toList();
        assertThat(types).hasSizeBetween(5, 7);
        assertThat(program().lines().filter(line -> line.startsWith("import io.github.peft4j.")))
                .hasSameSizeAs(types);
    }

    /** Puts a folder's files into a hub cache, as {@code hf download} lays them out. */
    private static void cached(Path cache, String repository, Path files) throws Exception {
        Path root = cache.resolve("models--" + repository.replace("/", "--"));
        Path snapshot = Files.createDirectories(root.resolve("snapshots/0123abcd"));
        Files.createDirectories(root.resolve("refs"));
        Files.writeString(root.resolve("refs/main"), "0123abcd");
        try (Stream<Path> all = Files.list(files)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Files.copy(file, snapshot.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void itTakesHubIdsOfModelsAndAdaptersFromTheLocalCache(@TempDir Path folder) throws Exception {
        Path cache = folder.resolve("hub");
        cached(cache, "tiny/orders", QUICKSTART);
        Map<String, String> environment = Map.of("HF_HUB_CACHE", cache.toString());
        List<String> arguments = List.of(
                "tiny/orders",
                QUICKSTART.resolve("held_out.jsonl").toString(),
                folder.resolve("adapter") + "",
                "Hello");
        CommandProcess.run(LoraFineTuning.class.getName(), environment, arguments);
        assertThat(Files.readString(folder.resolve("adapter/adapter_config.json")))
                .contains("\"base_model_name_or_path\": \"tiny/orders\"");
        cached(cache, "tiny/orders-lora", folder.resolve("adapter"));
        String said = CommandProcess.run(FromHub.class.getName(), environment, List.of());
        assertThat(said)
                .contains("LORA")
                .contains(
                        "no adapter folder at tiny/absent, and on the hub: the model \"tiny/absent\" is not in the cache "
                                + cache);
    }

    /** Loads a model and an adapter by their hub ids. */
    static final class FromHub {

        private FromHub() {}

        public static void main(String[] arguments) throws Exception {
            try (var base = Models.load("tiny/orders@main")) {
                System.out.println(PeftModel.load(base, "tiny/orders-lora")
                        .adapter()
                        .config()
                        .peftType());
                PeftModel.load(base, "tiny/absent");
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
