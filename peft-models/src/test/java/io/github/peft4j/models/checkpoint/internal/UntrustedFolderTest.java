package io.github.peft4j.models.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "only administrators may make links there")
final class UntrustedFolderTest {

    private static final String OUT = "leads out of its folder";

    @TempDir
    private Path root;

    private Path folder;
    private Path secret;

    @BeforeEach
    void make() throws IOException {
        folder = Files.createDirectory(root.resolve("model"));
        secret = Files.writeString(root.resolve("secret"), "{}");
    }

    private void link(String name, Path target) throws IOException {
        Files.createSymbolicLink(folder.resolve(name), target);
    }

    @Test
    void aPlainFileIsItself() throws IOException {
        Files.writeString(folder.resolve("a"), "x");
        assertThat(UntrustedFolder.file(folder, "a")).isEqualTo(folder.resolve("a"));
    }

    @Test
    void aMissingFileIsLeftToTheCaller() throws IOException {
        assertThat(UntrustedFolder.file(folder, "a")).doesNotExist();
    }

    @Test
    void aLinkWithinTheFolderIsFollowed() throws IOException {
        Files.writeString(folder.resolve("a"), "x");
        link("b", Path.of("a"));
        assertThat(UntrustedFolder.file(folder, "b")).hasContent("x");
    }

    @Test
    void theFolderItselfMayBeALink() throws IOException {
        Files.writeString(folder.resolve("a"), "x");
        link("b", Path.of("a"));
        Path other = Files.createSymbolicLink(root.resolve("other"), folder);
        assertThat(UntrustedFolder.file(other, "b")).hasContent("x");
    }

    @Test
    void aLinkOutOfTheFolderIsRefusedByNameAndTarget() throws IOException {
        link("a", secret);
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "a"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(folder.resolve("a").toString())
                .hasMessageContaining(OUT)
                .hasMessageContaining(secret.toRealPath().toString());
    }

    @Test
    void aChainOfLinksIsFollowedToItsEnd() throws IOException {
        link("a", Path.of("b"));
        link("b", secret);
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "a")).hasMessageContaining(OUT);
    }

    @Test
    void aFileBelowALinkedFolderIsRefused() throws IOException {
        link("sub", root);
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "sub/secret")).hasMessageContaining(OUT);
    }

    @Test
    void aFolderWhoseNameBeginsLikeOursIsAnother() throws IOException {
        Path neighbour = Files.createDirectory(root.resolve("model2"));
        Files.writeString(neighbour.resolve("a"), "x");
        link("a", neighbour.resolve("a"));
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "a")).hasMessageContaining(OUT);
    }

    @Test
    void aLinkToNothingIsRefused() throws IOException {
        link("a", Path.of("gone"));
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "a"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("a link to a file that is not there");
    }

    @Test
    void aLinkToItselfIsRefused() throws IOException {
        link("a", Path.of("a"));
        assertThatThrownBy(() -> UntrustedFolder.file(folder, "a"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("cannot follow the link");
    }

    /** A repository as huggingface_hub lays it out, with one file that is a link to a blob. */
    private Path snapshot(String repository, Path blob) throws IOException {
        Path snapshot = Files.createDirectories(root.resolve(repository).resolve("snapshots/abc"));
        Files.createDirectories(blob.getParent());
        Files.writeString(blob, "x");
        Files.createSymbolicLink(snapshot.resolve("a"), snapshot.relativize(blob));
        return snapshot;
    }

    @Test
    void blobsOfTheSameRepositoryInTheHubsCacheAreFollowed() throws IOException {
        Path snapshot = snapshot("models--org--name", root.resolve("models--org--name/blobs/123"));
        assertThat(UntrustedFolder.file(snapshot, "a")).hasContent("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"models--org--other/blobs/123", "models--org--name2/blobs/123", "blobs/123"})
    void blobsOfAnotherRepositoryAreNot(String blob) throws IOException {
        Path snapshot = snapshot("models--org--name", root.resolve(blob));
        assertThatThrownBy(() -> UntrustedFolder.file(snapshot, "a")).hasMessageContaining(OUT);
    }

    @Test
    void aFolderIsNoRepositoryByItsNameAlone() throws IOException {
        Path snapshot = snapshot("org--name", root.resolve("org--name/blobs/123"));
        assertThatThrownBy(() -> UntrustedFolder.file(snapshot, "a")).hasMessageContaining(OUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.safetensors",
                "model.safetensors.index.json",
                "pytorch_model.bin",
                "pytorch_model.bin.index.json"
            })
    void weightsAreNotReadElsewhere(String name) throws IOException {
        link(name, secret);
        assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining(OUT);
    }

    @Test
    void aShardIsNotReadElsewhere() throws IOException {
        Path elsewhere = root.resolve("shard.safetensors");
        SafetensorsWriter.write(
                elsewhere,
                Map.of(),
                java.util.List.of(TensorSource.of(
                        new TensorInfo("w", StoredType.U8, java.util.List.of(1L)),
                        java.nio.ByteBuffer.allocateDirect(1))));
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\": {}, \"weight_map\": {\"w\": \"shard.safetensors\"}}");
        link("shard.safetensors", elsewhere);
        assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining(OUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "generation_config.json"})
    void configsAreNotReadElsewhere(String name) throws IOException {
        link(name, secret);
        assertThatThrownBy(() -> ConfigJson.readIfPresent(folder, name)).hasMessageContaining(OUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "added_tokens.json",
                "config.json"
            })
    void tokenizerFilesAreNotReadElsewhere(String name) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0},"
                        + " \"unk_token\": \"a\"}}");
        Files.deleteIfExists(folder.resolve(name));
        link(name, secret);
        assertThatThrownBy(() -> Tokenizer.open(folder).close()).hasMessageContaining(OUT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat_template.jinja", "tokenizer_config.json", "chat_template.json"})
    void chatTemplatesAreNotReadElsewhere(String name) throws IOException {
        link(name, secret);
        assertThatThrownBy(() -> ChatTemplate.isIn(folder)).hasMessageContaining(OUT);
    }
}
