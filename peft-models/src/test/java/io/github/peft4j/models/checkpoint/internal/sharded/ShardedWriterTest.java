package io.github.peft4j.models.checkpoint.internal.sharded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedWriterTest {

    private static final Map<String, String> METADATA = Map.of("format", "pt");

    @TempDir
    Path folder;

    @Test
    void laysOutShardsAndIndexAsTransformersDoes() throws IOException {
        ShardedWriter.write(folder, METADATA, layers(40, 40, 40, 200, 60, 40, 4, 100), 100);
        assertThat(folder.resolve("model.safetensors.index.json"))
                .hasSameBinaryContentAs(Fixtures.path("sharded.index.json"));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).hasSize(8);
            assertThat(checkpoint.bytes("layer.3.weight").get(199)).isEqualTo((byte) 3);
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void writesOneFileWhenItIsEnough() throws IOException {
        ShardedWriter.write(folder, METADATA, layers(40, 60), 100);
        assertThat(folder.toFile().list()).containsExactly("model.safetensors");
    }

    @Test
    void replacesWhatAnEarlierSaveLeft() throws IOException {
        ShardedWriter.write(folder, METADATA, layers(40, 40, 40), 40);
        Files.writeString(folder.resolve("config.json"), "{}");
        assertThat(folder.toFile().list()).hasSize(5);
        ShardedWriter.write(folder, METADATA, layers(40, 40), 40);
        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json");
        ShardedWriter.write(folder, METADATA, layers(40), 40);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("config.json", "model.safetensors");
        ShardedWriter.write(folder, METADATA, layers(40, 40), 40);
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint).isInstanceOf(ShardedCheckpoint.class);
        }
    }

    @Test
    void leavesTheEarlierSaveWhenItFails() throws IOException {
        ShardedWriter.write(folder, METADATA, layers(40), 40);
        List<TensorSource> tensors = layers(40, 40);
        TensorInfo bad = new TensorInfo("bad", StoredType.U8, List.of(40L));
        tensors.add(TensorSource.of(bad, ByteBuffer.allocate(39)));
        assertThatThrownBy(() -> ShardedWriter.write(folder, METADATA, tensors, 40))
                .isInstanceOf(CheckpointException.class);
        assertThat(folder.toFile().list()).containsExactly("model.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void refusesAShardSizeOfNothingAndRepeatedNames() {
        assertThatThrownBy(() -> ShardedWriter.write(folder, METADATA, layers(40), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the shard size must be at least 1 byte, got 0");
        List<TensorSource> twice = layers(40);
        twice.addAll(layers(40));
        assertThatThrownBy(() -> ShardedWriter.write(folder, METADATA, twice, 40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two tensors have the name");
        assertThat(folder).isEmptyDirectory();
    }

    private static List<TensorSource> layers(int... bytes) {
        List<TensorSource> tensors = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            TensorInfo info = new TensorInfo("layer." + i + ".weight", StoredType.F32, List.of(bytes[i] / 4L));
            byte[] content = new byte[bytes[i]];
            Arrays.fill(content, (byte) i);
            tensors.add(TensorSource.of(info, ByteBuffer.wrap(content)));
        }
        return tensors;
    }
}
