package io.github.peft4j.models.checkpoint.internal.sharded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.Fixtures;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedCheckpointTest {

    private static final String ONE = "{\"%s\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";

    @TempDir
    Path folder;

    @Test
    void findsTensorsInTheirShards() throws IOException {
        shard("first.safetensors", "a");
        Path second = shard("second.safetensors", "b");
        index(
                "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"b\":\"second.safetensors\",\"a\":\"first.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint).isInstanceOf(ShardedCheckpoint.class);
            assertThat(checkpoint.names()).containsExactly("b", "a");
            assertThat(checkpoint.info("a").shape()).containsExactly(2L);
            assertThat(checkpoint.source("b")).isEqualTo(second);
            assertThat(checkpoint.inPlace("b")).isTrue();
            assertThat(checkpoint.rows("b", 1, 2).get()).isEqualTo((byte) 1);
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void refusesADamagedShardByName() throws IOException {
        shard("good.safetensors", "a");
        Files.writeString(folder.resolve("bad.safetensors"), "rubbish");
        index("{\"weight_map\":{\"a\":\"good.safetensors\",\"b\":\"bad.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("bad.safetensors is truncated");
    }

    @Test
    void listsAllMissingShards() throws IOException {
        shard("here.safetensors", "a");
        index("{\"weight_map\":{\"a\":\"here.safetensors\",\"b\":\"gone.safetensors\",\"c\":\"away.safetensors\","
                + "\"d\":\"gone.safetensors\"}}");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("names 2 shards that are not beside it: gone.safetensors, away.safetensors;");
    }

    @Test
    void holdsWhatItsShardsHoldWhateverTheIndexSays() throws IOException {
        shard("s.safetensors", "a");
        Path other = shard("t.safetensors", "b");
        index("{\"weight_map\":{\"inv_freq\":\"s.safetensors\",\"a\":\"t.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactly("a", "b");
            assertThat(checkpoint.source("b")).isEqualTo(other);
            Fixtures.readAll(checkpoint);
        }
    }

    @Test
    void takesWhatSeveralShardsHoldFromTheLast() throws IOException {
        shard("1.safetensors", "a");
        Path last = shard("2.safetensors", "a");
        shard("0.safetensors", "b");
        index("{\"weight_map\":{\"a\":\"1.safetensors\",\"c\":\"2.safetensors\",\"b\":\"0.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.source("a")).isEqualTo(last);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.safetensors",
                "/etc/secret.safetensors",
                "sub/secret.safetensors",
                "sub\\\\secret.safetensors",
                "..",
                ".",
                "",
                " ",
                "C:secret.safetensors",
                "a\\u0000.safetensors",
                "model.safetensors.index.json"
            })
    void refusesAnIndexThatLeavesItsFolderOrNamesItself(String shard) throws IOException {
        index("{\"weight_map\":{\"a\":\"" + shard + "\"}}");
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected the plain name of a tensor file beside the index")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"a\":1}}",
                "{\"weight_map\":{\"a\":\"x.bin\",}}",
                "{\"weight_map\":{}",
                "{\"weight_map\":{}} trailing"
            })
    void refusesADamagedIndex(String json) throws IOException {
        index(json);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.safetensors.index.json: damaged index");
    }

    @Test
    void ofATensorThatStandsTwiceInTheIndexTheLastShardCounts() throws IOException {
        shard("s.safetensors", "a");
        index("{\"weight_map\":{\"a\":\"x.bin\",\"a\":\"s.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactly("a");
        }
    }

    @Test
    void canNoLongerBeReadAfterClosing() throws IOException {
        shard("s.safetensors", "a");
        index("{\"weight_map\":{\"a\":\"s.safetensors\"}}");
        Checkpoint checkpoint = Checkpoint.open(folder);
        checkpoint.bytes("a");
        checkpoint.close();
        assertThatThrownBy(() -> checkpoint.bytes("a")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void namesTheIndexWhenATensorIsMissing() throws IOException {
        shard("s.safetensors", "a");
        Path index = index("{\"weight_map\":{\"a\":\"s.safetensors\"}}");
        try (Checkpoint checkpoint = Checkpoint.open(index)) {
            assertThatThrownBy(() -> checkpoint.bytes("b"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("there is no tensor \"b\" in the files of " + index + ", which hold 1 tensors");
        }
    }

    private Path shard(String name, String tensor) throws IOException {
        return Fixtures.safetensors(folder.resolve(name), String.format(ONE, tensor), 2);
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }
}
