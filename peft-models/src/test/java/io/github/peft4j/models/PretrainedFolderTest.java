package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.PretrainedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedFolderTest {

    @TempDir
    Path folder;

    private Path source;

    @BeforeEach
    void copyOfAToyCheckpoint() throws Exception {
        source = Files.createDirectories(folder.resolve("source"));
        Path golden = Path.of(Objects.requireNonNull(getClass().getResource("/golden/models/llama/config.json"))
                        .toURI())
                .getParent();
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(golden.resolve(name), source.resolve(name));
        }
        Files.writeString(source.resolve("tokenizer_config.json"), "{\"a\": 1}");
        Files.write(source.resolve("tokenizer.model"), new byte[] {(byte) 0xFF, 0, (byte) 0xC3});
        Files.writeString(source.resolve("README.md"), "of the source");
        Files.writeString(source.resolve("pytorch_model.bin"), "weights that are not these");
    }

    private static Map<String, Weight> weights(Model<?> model) {
        Map<String, Weight> weights = new LinkedHashMap<>(model.weightsByPath());
        if (model.anatomy().headIsTied()) {
            weights.remove("lm_head.weight");
        }
        return weights;
    }

    private static float[] logits(Path checkpoint, Precision precision) throws IOException {
        try (Model<LanguageHead> model = Models.load(checkpoint, Device.cpu(), precision);
                Scope scope = model.scope().child();
                NDArray logits = model.logits(scope, ModelInput.of(List.of(new int[] {1, 5, 2})))) {
            return scope.kernels().toFloats(logits);
        }
    }

    @Test
    void whatIsWrittenLoadsAsTheSameModel() throws Exception {
        Path target = folder.resolve("deeper/target");
        try (Model<LanguageHead> model = Models.load(source, Device.cpu(), Precision.FLOAT32)) {
            PretrainedFolder.write(weights(model), Precision.FLOAT32, source, target);
        }
        assertThat(logits(target, Precision.FLOAT32)).containsExactly(logits(source, Precision.FLOAT32));
        assertThat(target.resolve("config.json")).hasBinaryContent(Files.readAllBytes(source.resolve("config.json")));
        assertThat(target.resolve("tokenizer.model"))
                .hasBinaryContent(Files.readAllBytes(source.resolve("tokenizer.model")));
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrder(
                            "config.json", "model.safetensors", "tokenizer.model", "tokenizer_config.json");
        }
    }

    @Test
    void anotherFormatIsNamedInTheConfig() throws Exception {
        Path target = folder.resolve("target");
        try (Model<LanguageHead> model = Models.load(source, Device.cpu(), Precision.FLOAT32)) {
            PretrainedFolder.write(weights(model), Precision.BFLOAT16, source, target);
        }
        JsonNode before =
                new ObjectMapper().readTree(source.resolve("config.json").toFile());
        JsonNode after =
                new ObjectMapper().readTree(target.resolve("config.json").toFile());
        assertThat(after.get("dtype").asText()).isEqualTo("bfloat16");
        assertThat(after.get("vocab_size")).isEqualTo(before.get("vocab_size"));
        assertThat(logits(target, null)).hasSameSizeAs(logits(source, null));
        try (Model<LanguageHead> model = Models.load(target, Device.cpu(), null)) {
            assertThat(model.precision()).isEqualTo(Precision.BFLOAT16);
        }
    }

    @Test
    void aSourceWithoutConfigIsRefusedAndNothingIsWritten() throws Exception {
        Path target = folder.resolve("target");
        try (Model<LanguageHead> model = Models.load(source, Device.cpu(), Precision.FLOAT32)) {
            Files.delete(source.resolve("config.json"));
            assertThatThrownBy(() -> PretrainedFolder.write(weights(model), Precision.FLOAT32, source, target))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith("no config.json in " + source);
        }
        assertThat(target.resolve("model.safetensors")).doesNotExist();
    }
}
