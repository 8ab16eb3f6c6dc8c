package io.github.peft4j.models.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.pickle.PickleCheckpoint;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    @TempDir
    Path folder;

    @Test
    void prefersSafetensorsAndSingleFilesInAFolder() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("pytorch_model.bin.index.json"), "{\"weight_map\":{\"w\":\"s.bin\"}}");
        Files.copy(Fixtures.path("module.bin"), folder.resolve("s.bin"));
        assertOpens(ShardedCheckpoint.class, "0.weight", "0.bias", "1.weight", "1.bias");
        Files.copy(Fixtures.path("module.bin"), folder.resolve("pytorch_model.bin"));
        assertOpens(PickleCheckpoint.class, "0.weight", "0.bias", "1.weight", "1.bias");
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"x\":\"s.safetensors\"}}");
        Files.copy(Fixtures.path("no-metadata.safetensors"), folder.resolve("s.safetensors"));
        assertOpens(ShardedCheckpoint.class, "x");
        Files.copy(Fixtures.path("nothing.safetensors"), folder.resolve("model.safetensors"));
        assertOpens(SafetensorsFile.class);
    }

    @Test
    void readsShardsOfEitherForm() throws IOException {
        Files.copy(Fixtures.path("module.bin"), folder.resolve("pytorch_model-00001-of-00002.bin"));
        Files.copy(Fixtures.path("zip.bin"), folder.resolve("pytorch_model-00002-of-00002.bin"));
        Files.writeString(
                folder.resolve("pytorch_model.bin.index.json"),
                "{\"weight_map\":{\"0.weight\":\"pytorch_model-00001-of-00002.bin\","
                        + "\"transposed\":\"pytorch_model-00002-of-00002.bin\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).startsWith("0.weight", "transposed").contains("1.bias");
            assertThat(checkpoint.inPlace("0.weight")).isTrue();
            assertThat(checkpoint.inPlace("transposed")).isFalse();
            assertThat(checkpoint.info("transposed").shape()).isEqualTo(List.of(6L, 4L));
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void copiesRowsThatAreThereFromWhatIsOpenOnly() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(Fixtures.path("no-metadata.safetensors"));
        ByteBuffer target = ByteBuffer.allocate(64);
        assertThatThrownBy(() -> checkpoint.copyRows("x", 0, 9, target)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> checkpoint.copyRows("y", 0, 1, target))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("there is no tensor \"y\"");
        checkpoint.close();
        assertThatThrownBy(() -> checkpoint.copyRows("x", 0, 1, target))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
        assertThat(target.position()).isZero();
    }

    @Test
    void opensAdapterFilesByTheirName() throws IOException {
        Path bin = Files.copy(Fixtures.path("module.bin"), folder.resolve("adapter_model.bin"));
        Path safe = Files.copy(Fixtures.path("no-metadata.safetensors"), folder.resolve("adapter_model.safetensors"));
        try (Checkpoint first = Checkpoint.open(bin);
                Checkpoint second = Checkpoint.open(safe)) {
            assertThat(first.names()).hasSize(4);
            assertThat(second.names()).containsExactly("x");
        }
    }

    @Test
    void saysWhatItLookedFor() {
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no checkpoint in " + folder + ": expected one of model.safetensors,"
                        + " model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json");
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> Checkpoint.open(none))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no such file or folder: " + none);
    }

    @Test
    void refusesAFileOfAnUnknownForm() throws IOException {
        Path file = Files.writeString(folder.resolve("model.gguf"), "GGUF");
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected a name that ends in .safetensors, .index.json, .bin, .pt, .pth");
    }

    @Test
    void copiesAPickleIntoSafetensors() throws IOException {
        Path file = folder.resolve("model.safetensors");
        try (Checkpoint pickle = Checkpoint.open(Fixtures.path("zip.bin"));
                SafetensorsFile expected = SafetensorsFile.open(Fixtures.path("expected.safetensors"))) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : pickle.names()) {
                tensors.add(TensorSource.of(pickle, name));
            }
            SafetensorsWriter.write(file, expected.metadata(), tensors);
        }
        assertThat(file).hasSameBinaryContentAs(Fixtures.path("expected.safetensors"));
    }

    private void assertOpens(Class<? extends Checkpoint> form, String... names) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint).isInstanceOf(form);
            assertThat(checkpoint.names()).containsExactly(names);
        }
    }
}
