package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

    private HubEnvironment environment() {
        return new HubEnvironment(Map.of("HF_HOME", home.toString(), "HF_HUB_OFFLINE", "1"), Path.of("/nowhere"));
    }

    private @Nullable Path find(String name) throws IOException {
        HubName named = HubName.of(name);
        return named == null ? null : new HubCache(environment()).find(named, named.repo(Repo.Kind.MODEL));
    }

    private Hub offline() {
        return new Hub(environment(), false, FetchListener.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HF_HUB_CACHE=/a,HF_HOME=/b | /a",
                "HF_HOME=/b | /b/hub",
                "XDG_CACHE_HOME=/x | /x/huggingface/hub",
                "HF_HOME= | /home/me/.cache/huggingface/hub",
                "HUGGINGFACE_HUB_CACHE=/old,HF_HOME=/b | /old",
                "HF_HOME=~/b | /home/me/b/hub",
                "HF_HOME=$ROOT/b,ROOT=/r | /r/b/hub",
                "HF_HUB_CACHE=${ROOT}/c,ROOT=/r | /r/c"
            })
    void theEnvironmentSaysWhereItLies(String environment, String folder) {
        Map<String, String> variables = new java.util.HashMap<>();
        for (String variable : environment.split(",", -1)) {
            String[] parts = variable.split("=", -1);
            variables.put(parts[0], parts[1]);
        }
        assertThat(new HubEnvironment(variables, Path.of("/home/me")).huggingFaceCache())
                .isEqualTo(Path.of(folder));
    }

    @Test
    void anIdMeansTheCommitThatMainNames() throws IOException {
        snapshot("models--org--name", "0123");
        Path main = snapshot("models--org--name", COMMIT);
        reference("models--org--name", "main", COMMIT + "\n");
        assertThat(find("org/name")).isEqualTo(main);
    }

    @Test
    void anIdWithoutAnOrganisationIsFound() throws IOException {
        Path main = snapshot("models--gpt2", COMMIT);
        reference("models--gpt2", "main", COMMIT);
        assertThat(find("gpt2")).isEqualTo(main);
    }

    @Test
    void aRevisionIsANameOrACommit() throws IOException {
        Path first = snapshot("models--org--name", "0123");
        reference("models--org--name", "refs/pr/1", "0123");
        assertThat(find("org/name@0123")).isEqualTo(first);
        assertThat(find("org/name@refs/pr/1")).isEqualTo(first);
        assertThat(find("org/name@other")).isNull();
    }

    @Test
    void theOnlySnapshotNeedsNoName() throws IOException {
        Path only = snapshot("models--org--name", "0123");
        assertThat(find("org/name")).isEqualTo(only);
    }

    @Test
    void oneOfSeveralSnapshotsIsNotGuessed() throws IOException {
        snapshot("models--org--name", "0123");
        snapshot("models--org--name", "4567");
        assertThat(find("org/name")).isNull();
    }

    @Test
    void aReferenceThatLeavesTheCacheIsNotFollowed() throws IOException {
        snapshot("models--org--name", "0123");
        reference("models--org--name", "main", "../../../..");
        assertThat(find("org/name")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b/c", "", "./x", "a b/c", "/abs", "org/..", "org/name@../../x"})
    void whatHasNotTheFormOfAnIdIsNone(String text) throws IOException {
        assertThat(find(text)).isNull();
    }

    @Test
    void aModelThatIsNowhereIsRefusedWithTheWayToGetIt() {
        assertThatThrownBy(() -> ModelLocation.of("org/name@v1", offline()))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessage(
                        "no checkpoint folder at org/name@v1, and on the hub: the model \"org/name@v1\" is not in the cache "
                                + home.resolve("hub")
                                + ", and no hub may be asked: download it while there is a network, or do without HF_HUB_OFFLINE and the like");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "o/n, HUGGING_FACE, -, o/n, -, ''",
                "gpt2@v1, HUGGING_FACE, -, gpt2, v1, ''",
                "o/n@refs/pr/1, HUGGING_FACE, -, o/n, refs/pr/1, ''",
                "modelscope:o/n.5@v1, MODELSCOPE, -, o/n.5, v1, ''",
                "hf://o/n, HUGGING_FACE, MODEL, o/n, -, ''",
                "hf://datasets/o/n@refs/convert/parquet/a/b.parquet, HUGGING_FACE, DATASET, o/n, refs/convert/parquet, a/b.parquet",
                "hf://datasets/o/n/data/, HUGGING_FACE, DATASET, o/n, -, data"
            })
    void aNameSaysWhereWhatAndWhich(
            String text,
            HubName.Where where,
            Repo.@Nullable Kind kind,
            String id,
            @Nullable String revision,
            String path) {
        assertThat(HubName.of(text)).isEqualTo(new HubName(where, kind, id, revision, path));
    }

    @Test
    void theEnvironmentOfHubsIsReadAsTheirClientsDo() throws IOException {
        Path token = Files.writeString(home.resolve("token"), "hf_of_a_file\n");
        assertThat(new HubEnvironment(Map.of("HF_HOME", home.toString()), home)
                        .huggingFace(Patience.usual())
                        .hasToken())
                .isTrue();
        Map<String, String> none = Map.of("HF_TOKEN_PATH", token.toString(), "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        assertThat(new HubEnvironment(none, home).huggingFace(Patience.usual()).hasToken())
                .isFalse();
        Map<String, String> scope = Map.of("MODELSCOPE_DOMAIN", "www.modelscope.ai", "MODELSCOPE_CACHE", "~/ms");
        assertThat(new HubEnvironment(scope, home).modelScope(Patience.usual()).endpoint())
                .isEqualTo("https://www.modelscope.ai");
        assertThat(new HubEnvironment(scope, home).modelScopeCache()).isEqualTo(home.resolve("ms"));
        assertThatThrownBy(() -> new HubEnvironment(Map.of("HF_TOKEN", "a secret"), home).huggingFace(Patience.usual()))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageStartingWith("HF_TOKEN: the hub's token has spaces")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> new HubEnvironment(Map.of("HF_ENDPOINT", "hub"), home).huggingFace(Patience.usual()))
                .hasMessageStartingWith("HF_ENDPOINT: \"hub\" is no address of a hub");
    }

    @Test
    void contentsThatRepositoriesOfTheCacheShareAreTheirs() throws IOException {
        Path main = snapshot("models--org--name", COMMIT);
        String hash = "ab".repeat(32);
        Path shared = Files.createDirectories(home.resolve("hub/blobs/ab")).resolve(hash);
        Files.writeString(shared, "{}");
        Path blobs = Files.createDirectories(home.resolve("hub/models--org--name/blobs"));
        Files.createSymbolicLink(blobs.resolve("etag"), Path.of("../../blobs/ab/" + hash));
        Files.createSymbolicLink(main.resolve("config.json"), Path.of("../../blobs/etag"));
        assertThat(UntrustedFolder.file(main, "config.json")).hasContent("{}");
        Files.writeString(home.resolve("hub/secret"), "x");
        Files.createSymbolicLink(main.resolve("other.json"), Path.of("../../../secret"));
        assertThatThrownBy(() -> UntrustedFolder.file(main, "other.json"))
                .hasMessageContaining("leads out of its folder");
    }

    @Test
    void whatTheHubHasKeepsItsNameThere() throws IOException {
        Path main = snapshot("models--org--name", COMMIT);
        reference("models--org--name", "main", COMMIT);
        assertThat(ModelLocation.of("org/name", offline())).isEqualTo(new ModelLocation("org/name", main));
    }

    @Test
    void aFolderComesBeforeTheHub() throws IOException {
        assertThat(ModelLocation.of(home.toString(), offline())).isEqualTo(new ModelLocation(home.toString(), home));
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "x");
        assertThatThrownBy(() -> ModelLocation.of(file.toString(), offline()))
                .hasMessage("no checkpoint folder at " + file
                        + ": expected a folder with config.json and weights, found a file");
    }

    @Test
    void aPathThatIsNotThereIsNoId() {
        assertThatThrownBy(() -> ModelLocation.of("./missing", offline()))
                .hasMessage("no checkpoint folder at ./missing: there is no such folder");
    }
}
