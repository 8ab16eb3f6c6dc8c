package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFineTuningTest {

    private static final Path QUICKSTART = Path.of("../peft-cli/src/main/resources/quickstart");

    @Test
    void theReadmesExampleTrainsSavesAndGenerates(@TempDir Path folder) throws Exception {
        String prompt = "Please send 3 red lamps to Anna.\n";
        String made = LoraFineTuning.run(
                QUICKSTART, QUICKSTART.resolve("train.jsonl"), folder.resolve("adapter"), prompt, 120);
        assertThat(made).startsWith("{\"name\":\"").contains("\"count\":", "\"colour\":", "\"item\":");
        assertThat(folder.resolve("adapter"))
                .isDirectoryContaining("glob:**/adapter_config.json")
                .isDirectoryContaining("glob:**/adapter_model.safetensors");
    }

    @Test
    void theCommandTrainsTheSameAdapterByteForByte(@TempDir Path folder) throws Exception {
        Path data = QUICKSTART.resolve("train.jsonl");
        LoraFineTuning.run(QUICKSTART, data, folder.resolve("program"), "Please send 3 red lamps to Anna.\n", 8);
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

    @Test
    void theReadmeShowsTheExampleAsItIs() throws Exception {
        String readme = Files.readString(Path.of("../README.md"));
        String code = Files.readString(Path.of("src/main/java/io/github/peft4j/examples/LoraFineTuning.java"));
        String shown = readme.substring(
                readme.indexOf("```java\n") + 8, readme.indexOf("```", readme.indexOf("```java\n") + 8));
        assertThat(code.replaceAll("\\s+", "")).contains(shown.replaceAll("\\s+", ""));
    }
}
