package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PretrainedFolderConfigTest {

    @TempDir
    private Path folder;

    private Scope scope;
    private final Map<String, Weight> weights = new LinkedHashMap<>();
    private Path source;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        scope = Scope.open(Device.cpu());
        source = Files.createDirectories(folder.resolve("source"));
        target = folder.resolve("target");
        for (String name : List.of("b", "a")) {
            weights.put(
                    name,
                    new Weight(
                            "weight", scope.floats(new float[] {1, 2, 3, 4}, 2, 2), Precision.FLOAT32, scope, false));
        }
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private void config(String text) throws IOException {
        Files.writeString(source.resolve("config.json"), text);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(target)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aConfigThatIsRightIsCopiedWordForWord() throws IOException {
        String text = "{ \"dtype\" :\"float32\",\"x\": 1e-05 }";
        config(text);
        PretrainedFolder.write(weights, Precision.FLOAT32, source, target);
        assertThat(target.resolve("config.json")).content().isEqualTo(text);
        assertThat(files()).containsExactly("config.json", "model.safetensors");
    }

    @Test
    void aConfigOfAnotherFormatNamesTheNewOne() throws IOException {
        config(
                "{\"model_type\": \"llama\", \"torch_dtype\": \"float32\", \"list\": [1, 2], \"none\": {}, \"eps\": 1e-05}");
        PretrainedFolder.write(weights, Precision.BFLOAT16, source, target);
        assertThat(target.resolve("config.json")).content().isEqualTo("""
                        {
                          "model_type": "llama",
                          "torch_dtype": "bfloat16",
                          "list": [
                            1,
                            2
                          ],
                          "none": {},
                          "eps": 1e-05
                        }
                        """);
        try (Checkpoint checkpoint = Checkpoint.open(target)) {
            assertThat(checkpoint.info("a").type()).hasToString("BF16");
        }
    }

    @Test
    void aConfigWithoutAFormatGetsOne() throws IOException {
        config("{}");
        PretrainedFolder.write(weights, Precision.FLOAT16, source, target);
        assertThat(target.resolve("config.json")).content().isEqualTo("{\n  \"dtype\": \"float16\"\n}\n");
    }

    @Test
    void settingsAreSet() throws IOException {
        config("{\"dtype\": \"float32\", \"a\": true, \"c\": 3}");
        PretrainedFolder.write(
                weights,
                Precision.FLOAT32,
                PretrainedFolder.Sources.of(source),
                target,
                new TreeMap<>(Map.of("a", true, "b", false, "c", 4)),
                Long.MAX_VALUE);
        assertThat(target.resolve("config.json"))
                .content()
                .isEqualTo("{\n  \"dtype\": \"float32\",\n  \"a\": true,\n  \"c\": 4,\n  \"b\": false\n}\n");
    }

    @Test
    void weightsAreWrittenInTheirOrderInShardsOfASize() throws IOException {
        config("{}");
        PretrainedFolder.write(weights, Precision.FLOAT32, PretrainedFolder.Sources.of(source), target, Map.of(), 16);
        assertThat(files())
                .containsExactly(
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json");
        try (Checkpoint checkpoint = Checkpoint.open(target.resolve("model-00001-of-00002.safetensors"))) {
            assertThat(checkpoint.names()).containsExactly("b");
        }
    }

    @Test
    void whatBelongsToATokenizerIsCopied() throws IOException {
        config("{}");
        Files.write(source.resolve("tokenizer.model"), new byte[100_000]);
        Files.writeString(source.resolve("pytorch_model.bin"), "x");
        PretrainedFolder.write(weights, Precision.FLOAT32, source, target);
        assertThat(files()).containsExactly("config.json", "model.safetensors", "tokenizer.model");
        assertThat(target.resolve("tokenizer.model")).hasSize(100_000);
    }

    @Test
    void withoutAConfigNothingIsWritten() {
        assertThatThrownBy(() -> PretrainedFolder.write(weights, Precision.FLOAT32, source, target))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("no config.json in " + source);
        assertThat(target).doesNotExist();
    }
}
