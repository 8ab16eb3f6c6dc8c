package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubCacheTest {

    private static final String COMMIT = "93efa2f097d58c2a74874c7e644dbc9b0cee75a2";

    @TempDir
    private Path home;

    private Path snapshot(String repository, String commit) throws IOException {
        return Files.createDirectories(home.resolve("hub/" + repository + "/snapshots/" + commit));
    }

    private void reference(String repository, String name, String commit) throws IOException {
        Path reference = home.resolve("hub/" + repository + "/refs/" + name);
        Files.createDirectories(reference.getParent());
        Files.writeString(reference, commit);
    }

    private HubCache cache() {
        return HubCache.of(Map.of("HF_HOME", home.toString()), Path.of("/nowhere"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HF_HUB_CACHE=/a,HF_HOME=/b | /a",
                "HF_HOME=/b | /b/hub",
                "XDG_CACHE_HOME=/x | /x/huggingface/hub",
                "HF_HOME= | /home/me/.cache/huggingface/hub",
                "HUGGINGFACE_HUB_CACHE=/old,HF_HOME=/b | /old"
            })
    void theEnvironmentSaysWhereItLies(String environment, String folder) {
        Map<String, String> variables = new java.util.HashMap<>();
        for (String variable : environment.split(",", -1)) {
            String[] parts = variable.split("=", -1);
            variables.put(parts[0], parts[1]);
        }
        assertThat(HubCache.of(variables, Path.of("/home/me")).folder()).isEqualTo(Path.of(folder));
    }

    @Test
    void anIdMeansTheCommitThatMainNames() throws IOException {
        snapshot("models--org--name", "0123");
        Path main = snapshot("models--org--name", COMMIT);
        reference("models--org--name", "main", COMMIT + "\n");
        assertThat(cache().find("org/name")).isEqualTo(main);
    }

    @Test
    void anIdWithoutAnOrganisationIsFound() throws IOException {
        Path main = snapshot("models--gpt2", COMMIT);
        reference("models--gpt2", "main", COMMIT);
        assertThat(cache().find("gpt2")).isEqualTo(main);
    }

    @Test
    void aRevisionIsANameOrACommit() throws IOException {
        Path first = snapshot("models--org--name", "0123");
        reference("models--org--name", "refs/pr/1", "0123");
        assertThat(cache().find("org/name@0123")).isEqualTo(first);
        assertThat(cache().find("org/name@refs/pr/1")).isEqualTo(first);
        assertThat(cache().find("org/name@other")).isNull();
    }

    @Test
    void theOnlySnapshotNeedsNoName() throws IOException {
        Path only = snapshot("models--org--name", "0123");
        assertThat(cache().find("org/name")).isEqualTo(only);
    }

    @Test
    void oneOfSeveralSnapshotsIsNotGuessed() throws IOException {
        snapshot("models--org--name", "0123");
        snapshot("models--org--name", "4567");
        assertThat(cache().find("org/name")).isNull();
    }

    @Test
    void aReferenceThatLeavesTheCacheIsNotFollowed() throws IOException {
        snapshot("models--org--name", "0123");
        reference("models--org--name", "main", "../../../..");
        assertThat(cache().find("org/name")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b/c", "", "./x", "a b/c", "/abs", "org/..", "org/name@../../x"})
    void whatHasNotTheFormOfAnIdIsNone(String text) throws IOException {
        assertThat(cache().find(text)).isNull();
    }

    @Test
    void aModelThatIsNowhereIsRefusedWithTheWayToGetIt() {
        assertThatThrownBy(() -> ModelLocation.of("org/name@v1", cache()))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no checkpoint \"org/name@v1\": expected a folder, or a model in the hub cache "
                        + home.resolve("hub") + ". To download it there: hf download org/name --revision v1");
    }

    @Test
    void whatTheHubHasKeepsItsNameThere() throws IOException {
        Path main = snapshot("models--org--name", COMMIT);
        reference("models--org--name", "main", COMMIT);
        assertThat(ModelLocation.of("org/name", cache())).isEqualTo(new ModelLocation("org/name", main));
    }

    @Test
    void aFolderComesBeforeTheHub() throws IOException {
        assertThat(ModelLocation.of(home.toString(), cache())).isEqualTo(new ModelLocation(home.toString(), home));
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "x");
        assertThatThrownBy(() -> ModelLocation.of(file.toString(), cache()))
                .hasMessage("no checkpoint folder at " + file
                        + ": expected a folder with config.json and weights, found a file");
    }

    @Test
    void aPathThatIsNotThereIsNoId() {
        assertThatThrownBy(() -> ModelLocation.of("./missing", cache()))
                .hasMessage("no checkpoint folder at ./missing: there is no such folder");
    }
}
