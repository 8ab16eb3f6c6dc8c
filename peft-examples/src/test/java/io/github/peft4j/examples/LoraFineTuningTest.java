package io.github.peft4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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
    void theReadmeShowsTheExampleAsItIs() throws Exception {
        String readme = Files.readString(Path.of("../README.md"));
        String code = Files.readString(Path.of("src/main/java/io/github/peft4j/examples/LoraFineTuning.java"));
        String shown = readme.substring(
                readme.indexOf("```java\n") + 8, readme.indexOf("```", readme.indexOf("```java\n") + 8));
        assertThat(code.replaceAll("\\s+", "")).contains(shown.replaceAll("\\s+", ""));
    }
}
