package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.loopback.internal.Repository;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.fetch.ChosenFiles;
import io.github.peft4j.models.hub.internal.fetch.Fetch;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.fetch.ModelFiles;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetching from a hub that does whatever it likes. */
class HubTest {

    static final String TOKEN = "hf_atokenthatnobodyelsemaysee";

    private static final byte[] WEIGHTS = bytes(300_000);

    @TempDir
    private Path home;

    private final LoopbackHub loopback = LoopbackHub.start();
    private final List<String> notes = new ArrayList<>();

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @AfterEach
    void nobodyButTheHubHasSeenTheToken() throws IOException {
        String host = loopback.endpoint().replace("http://", "");
        loopback.close();
        assertThat(loopback.seen())
                .filteredOn(seen -> !seen.host().equals(host))
                .allSatisfy(seen -> assertThat(seen.headers().toString()).doesNotContain(TOKEN));
        try (Stream<Path> files = Files.walk(home)) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> content(file).contains(TOKEN)))
                    .isEmpty();
        }
        assertThat(notes).noneMatch(note -> note.contains(TOKEN));
    }

    private static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HubEnvironment environment(String... more) {
        Map<String, String> variables = new HashMap<>(Map.of(
                "HF_HOME", home.toString(),
                "HF_ENDPOINT", loopback.endpoint(),
                "HF_TOKEN", TOKEN,
                "MODELSCOPE_ENDPOINT", loopback.endpoint(),
                "MODELSCOPE_API_TOKEN", TOKEN,
                "MODELSCOPE_CACHE", home.resolve("ms").toString()));
        for (int i = 0; i < more.length; i += 2) {
            variables.put(more[i], more[i + 1]);
        }
        return new HubEnvironment(variables, home);
    }

    private Hub hub(String... more) {
        Patience patience = new Patience(
                3,
                Duration.ofSeconds(5),
                Duration.ofMillis(400),
                Duration.ofMillis(1),
                Duration.ofMinutes(1),
                time -> {});
        return new Hub(environment(more), false, listener(), patience);
    }

    private FetchListener listener() {
        return new FetchListener() {
            @Override
            public void note(String text) {
                synchronized (notes) {
                    notes.add(text);
                }
            }
        };
    }

    private Repository model() {
        return loopback.model("o/n")
                .file("config.json", "{}")
                .file("tokenizer.json", "{\"t\":1}")
                .file("README.md", "# a model")
                .file("onnx/config.json", "{}")
                .large("model.safetensors", WEIGHTS)
                .large("pytorch_model.bin", new byte[] {1});
    }

    private Path fetch(String name, String... more) throws IOException {
        return ModelLocation.of(name, hub(more)).folder();
    }

    private static List<String> files(Path folder) throws CheckpointException {
        return List.copyOf(HubCache.filesIn(folder));
    }

    @Test
    void onlyWhatAModelNeedsComesIntoTheCacheAsThePythonClientLaysItOut() throws IOException {
        Repository model = model();
        Path folder = fetch("o/n");
        Path repository = home.resolve("hub/models--o--n");
        assertThat(folder).isEqualTo(repository.resolve("snapshots/" + model.commit()));
        assertThat(files(folder)).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(folder.resolve("model.safetensors"))
                .hasBinaryContent(WEIGHTS)
                .isSymbolicLink();
        assertThat(Files.readSymbolicLink(folder.resolve("model.safetensors")))
                .hasToString(
                        "../../blobs/" + model.files().get("model.safetensors").sha256());
        assertThat(repository.resolve("refs/main")).hasContent(model.commit());
        assertThat(repository.resolve(".no_exist/" + model.commit() + "/chat_template.jinja"))
                .isEmptyFile();
        assertThat(home.resolve("hub/CACHEDIR.TAG")).exists();
        try (Stream<Path> blobs = Files.list(repository.resolve("blobs"))) {
            assertThat(blobs).hasSize(3);
        }
    }

    @Test
    void whatIsHereIsNotAskedForAgain() throws IOException {
        model();
        Path folder = fetch("o/n");
        loopback.forget();
        assertThat(fetch("o/n")).isEqualTo(folder);
        assertThat(loopback.seen()).isEmpty();
    }

    @Test
    void aNewCommitComesInWhenItIsAskedForAndSharesContents() throws IOException {
        Repository model = model();
        Path old = fetch("o/n");
        model.file("config.json", "{\"a\":1}");
        loopback.forget();
        Path fresh = hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ModelFiles.ofModel(), null)
                .folder();
        assertThat(fresh).isNotEqualTo(old).isDirectory();
        assertThat(files(fresh)).isEqualTo(files(old));
        assertThat(loopback.seen()).hasSize(2);
    }

    @Test
    void aRevisionIsABranchATagOrACommit() throws IOException {
        Repository model = model().tag("v1");
        Path folder = fetch("o/n@v1");
        assertThat(home.resolve("hub/models--o--n/refs/v1")).hasContent(model.commit());
        loopback.forget();
        assertThat(fetch("o/n@" + model.commit())).isEqualTo(folder);
        assertThat(loopback.seen()).isEmpty();
    }

    @Test
    void shardsAreThoseThatTheIndexNames() throws IOException {
        loopback.model("o/n")
                .file("config.json", "{}")
                .file(
                        "model.safetensors.index.json",
                        "{\"weight_map\":{\"a\":\"w-1.safetensors\",\"b\":\"w-2.safetensors\"}}")
                .large("w-1.safetensors", bytes(10))
                .large("w-2.safetensors", bytes(20))
                .large("w-3.safetensors", bytes(30));
        assertThat(files(fetch("o/n")))
                .containsExactly("config.json", "model.safetensors.index.json", "w-1.safetensors", "w-2.safetensors");
    }

    @Test
    void anAdapterIsItsConfigItsWeightsAndItsTokenizer() throws IOException {
        loopback.model("o/a")
                .file("adapter_config.json", "{}")
                .file("tokenizer.json", "{}")
                .file("README.md", "x")
                .large("optimizer.safetensors", bytes(3))
                .large("encoder.safetensors", bytes(4))
                .large("adapter_model.safetensors", bytes(5))
                .large("adapter_model.bin", bytes(6));
        assertThat(files(ModelLocation.ofAdapter("o/a", hub()).folder()))
                .containsExactly(
                        "adapter_config.json", "adapter_model.safetensors", "encoder.safetensors", "tokenizer.json");
    }

    @Test
    void modulesOfSentenceTransformersComeWithTheirFolders() throws IOException {
        loopback.model("o/s")
                .file("config.json", "{}")
                .file("tokenizer.json", "{}")
                .file("modules.json", "[{\"path\":\"\"},{\"path\":\"1_Pooling\"},{\"path\":\"2_Dense\"}]")
                .file("1_Pooling/config.json", "{}")
                .file("2_Dense/config.json", "{}")
                .large("2_Dense/model.safetensors", bytes(7))
                .large("model.safetensors", bytes(8));
        assertThat(files(fetch("o/s")))
                .containsExactly(
                        "1_Pooling/config.json",
                        "2_Dense/config.json",
                        "2_Dense/model.safetensors",
                        "config.json",
                        "model.safetensors",
                        "modules.json",
                        "tokenizer.json");
    }

    @Test
    void aDataSetComesWithItsRowsOrThoseOfASplit() throws IOException {
        loopback.dataset("o/d")
                .file("README.md", "x")
                .file("load.py", "x")
                .large("data/train-00000-of-00001.parquet", bytes(9))
                .large("data/test-00000-of-00001.parquet", bytes(10));
        assertThat(files(hub().dataset(HubName.of("o/d"), "train")))
                .containsExactly("README.md", "data/train-00000-of-00001.parquet");
        Path part = hub().dataset(HubName.of("hf://datasets/o/d/data"), null);
        assertThat(part)
                .isEqualTo(home.resolve("hub/datasets--o--d/snapshots")
                        .resolve(loopback.dataset("o/d").commit())
                        .resolve("data"));
        assertThat(files(part)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Then.class,
            names = {"DROP", "STALL", "SHORT"})
    void aDownloadThatBreaksOffGoesOnFromThere(Fault.Then then) throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        loopback.fault("/" + sha, Fault.content(100_000, then), Fault.content(50_000, then));
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(ranges(sha)).containsExactly(null, "bytes=100000-", "bytes=150000-");
    }

    private List<String> ranges(String path) {
        return Arrays.asList(loopback.seen().stream()
                .filter(seen -> seen.path().startsWith("/" + path))
                .map(seen -> seen.header("Range"))
                .toArray(String[]::new));
    }

    @Test
    void aDownloadThatWasGivenUpGoesOnFromThereNextTime() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Fault none = Fault.content(0, Fault.Then.DROP);
        loopback.fault("/" + sha, Fault.content(100_000, Fault.Then.DROP), none, none, none);
        assertThatThrownBy(() -> fetch("o/n"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("comes no further than 100000 of 300000 bytes")
                .hasMessageEndingWith("try again, it goes on from there");
        assertThat(home.resolve("hub/models--o--n/refs/main")).doesNotExist();
        loopback.forget();
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(ranges(sha)).containsExactly("bytes=100000-");
    }

    @Test
    void aHubThatSendsTheWholeInPlaceOfTheRestIsTakenAtItsWord() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        loopback.fault("/" + sha, Fault.content(100_000, Fault.Then.DROP), Fault.content(0, Fault.Then.WHOLE));
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.Then.class,
            names = {"GARBAGE", "LONG"})
    void aWrongContentIsFetchedAnewAndRefusedIfItStaysWrong(Fault.Then then) throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Fault fault = Fault.content(1000, then);
        loopback.fault("/" + sha, fault, fault);
        assertThatThrownBy(() -> fetch("o/n"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("\"model.safetensors\" of o/n from " + loopback.endpoint() + " is damaged")
                .hasMessageEndingWith("Nothing of it was kept; try again later");
        assertThat(home.resolve("hub/models--o--n/blobs/" + sha)).doesNotExist();
        assertThat(home.resolve("hub/models--o--n/blobs/" + sha + ".incomplete"))
                .isEmptyFile();
        loopback.fault("/" + sha, fault);
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void smallFilesAreCheckedByGitsHash() {
        model();
        Fault fault = Fault.content(0, Fault.Then.GARBAGE);
        loopback.fault("/config.json", fault, fault);
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("its hash is");
    }

    @Test
    void aLeftOverThatIsWrongIsFoundOut() throws IOException {
        String sha = model().files().get("model.safetensors").sha256();
        Path blobs = Files.createDirectories(home.resolve("hub/models--o--n/blobs"));
        Files.write(blobs.resolve(sha + ".incomplete"), new byte[1000]);
        assertThat(fetch("o/n").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.json",
                "a/../../x.json",
                "/etc/x.json",
                "a\\b.json",
                "C:x.json",
                "a//b.json",
                "nul.json",
                "a\u0000b.json",
                "a/./b.json",
                "x.json."
            })
    void namesThatLeaveTheFolderAreRefused(String name) throws IOException {
        model().file(name, "evil");
        assertThatThrownBy(() -> hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ChosenFiles.all(), null))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("o/n has files whose names are refused (1 problem)");
        assertThat(files(home)).isEmpty();
    }

    @Test
    void namesThatDifferInCapitalsAloneAreRefused() {
        model().file("Config.json", "evil");
        assertThatThrownBy(() -> hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ChosenFiles.all(), null))
                .hasMessageContaining("differs from");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x.safetensors", "/etc/x.safetensors"})
    void anIndexCannotNameFilesElsewhere(String name) {
        loopback.model("o/n")
                .file("config.json", "{}")
                .file("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"" + name + "\"}}");
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("whose names are refused");
    }

    @Test
    void whatTheHubDoesNotGiveIsExplained() {
        loopback.model("o/gated")
                .file("config.json", "{}")
                .large("model.safetensors", bytes(3))
                .gated();
        loopback.model("o/private").file("config.json", "{}").privateTo("another");
        loopback.model("o/empty").file("README.md", "x");
        String there = loopback.endpoint();
        assertThatThrownBy(() -> fetch("o/gated"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageEndingWith("o/gated is gated: accept its conditions at " + there
                        + "/o/gated, and use a token of the account that has done so");
        assertThatThrownBy(() -> fetch("o/gated", "HF_TOKEN", ""))
                .hasMessageEndingWith("and set HF_TOKEN to a token of your account");
        assertThatThrownBy(() -> fetch("o/private"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessage(
                        "no checkpoint folder at o/private, and on the hub: there is no model \"o/private\" at " + there
                                + ", or it is private: look for a slip in the name; if it is private, the token must be of somebody who may read it");
        assertThatThrownBy(() -> fetch("o/gated@v9"))
                .hasMessageContaining("o/gated has no revision \"v9\": expected a branch, a tag or a commit");
        assertThatThrownBy(() -> fetch("o/empty"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("it holds no weights that can be read: expected model.safetensors or");
        assertThatThrownBy(() -> ModelLocation.ofAdapter("o/gated", hub()))
                .hasMessageContaining("it holds no adapter: expected adapter_config.json, found config.json");
    }

    @Test
    void aTokenThatIsNotAcceptedIsTold() {
        loopback.fault(
                "/api", Fault.status(401, Map.of("X-Error-Message", "Invalid credentials in Authorization header")));
        assertThatThrownBy(() -> fetch("o/n")).hasMessageContaining("does not accept the token");
    }

    @Test
    void offlineNothingIsAsked() throws IOException {
        model();
        Path folder = fetch("o/n");
        loopback.forget();
        assertThat(fetch("o/n", "HF_HUB_OFFLINE", "1")).isEqualTo(folder);
        assertThatThrownBy(() -> fetch("o/other", "TRANSFORMERS_OFFLINE", "yes"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("is not in the cache " + home.resolve("hub") + ", and no hub may be asked");
        assertThat(loopback.seen()).isEmpty();
    }

    @Test
    void withoutANetworkTheCacheServesWithANote() throws IOException {
        model();
        Path folder = fetch("o/n");
        loopback.close();
        Fetch.Fetched fetched = hub().download(HubName.of("o/n"), Repo.Kind.MODEL, ModelFiles.ofModel(), null);
        assertThat(fetched.folder()).isEqualTo(folder);
        assertThat(fetched.bytes()).isEqualTo(WEIGHTS.length + 9);
        assertThat(notes).singleElement().asString().contains("connection refused; taking what the cache has");
        assertThatThrownBy(() -> fetch("o/other"))
                .isInstanceOf(HubException.class)
                .isNotInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("cannot reach " + loopback.endpoint());
    }

    @Test
    void twoThreadsFetchAFileOnce() throws Exception {
        String sha = model().files().get("model.safetensors").sha256();
        List<CompletableFuture<Path>> all = Stream.generate(() -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return fetch("o/n");
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }))
                .limit(4)
                .toList();
        for (CompletableFuture<Path> each : all) {
            assertThat(each.get().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        }
        assertThat(ranges(sha)).hasSize(1);
    }

    @Test
    void whereThereAreNoLinksTheContentLiesInTheSnapshot() throws IOException {
        model();
        Path folder = fetch("o/n", "HF_HUB_DISABLE_SYMLINKS", "1");
        assertThat(Files.isSymbolicLink(folder.resolve("model.safetensors"))).isFalse();
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void aHubThatListsNeitherSizesNorHashesIsAskedForThem() throws IOException {
        Repository model = model();
        loopback.route(request -> request.path().startsWith("/api/models/")
                ? io.github.peft4j.loopback.internal.Answer.json(Map.of(
                        "sha",
                        model.commit(),
                        "siblings",
                        model.files().keySet().stream()
                                .map(name -> Map.of("rfilename", name))
                                .toList()))
                : null);
        Path folder = fetch("o/n");
        assertThat(Files.readSymbolicLink(folder.resolve("model.safetensors")))
                .hasToString(
                        "../../blobs/" + model.files().get("model.safetensors").sha256());
    }

    @Test
    void aFolderOfTheUsersGetsTheFilesThemselves() throws IOException {
        model();
        Path output = home.resolve("out");
        hub().download(
                        HubName.of("o/n"),
                        Repo.Kind.MODEL,
                        new ChosenFiles(List.of("*.json"), List.of("onnx/*"), null),
                        output);
        assertThat(output.resolve("config.json")).hasContent("{}");
        assertThat(output.resolve("onnx")).doesNotExist();
        loopback.forget();
        hub().download(
                        HubName.of("o/n"),
                        Repo.Kind.MODEL,
                        new ChosenFiles(List.of("*.json"), List.of("onnx/*"), null),
                        output);
        assertThat(loopback.seen()).hasSize(1);
    }

    @Test
    void modelScopeIsReadAndItsCacheIsLaidOutAsItsClientDoes() throws IOException {
        model();
        Path folder = fetch("modelscope:o/n");
        assertThat(folder).isEqualTo(home.resolve("ms/models/o--n/snapshots/master"));
        assertThat(files(folder)).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(folder.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        loopback.forget();
        assertThat(fetch("modelscope:o/n")).isEqualTo(folder);
        assertThat(loopback.seen()).isEmpty();
        loopback.dataset("o/d").large("train.jsonl", bytes(12));
        assertThat(files(hub().dataset(HubName.of("modelscope:o/d"), null))).containsExactly("train.jsonl");
        assertThatThrownBy(() -> fetch("modelscope:o/none"))
                .isInstanceOf(HubException.Refusal.class)
                .hasMessageContaining("set MODELSCOPE_API_TOKEN");
    }

    @Test
    void modelScopesHashesAreChecked() {
        String sha = model().files().get("model.safetensors").sha256();
        Fault fault = Fault.content(10, Fault.Then.GARBAGE);
        loopback.fault("/" + sha, fault, fault);
        assertThatThrownBy(() -> fetch("modelscope:o/n")).hasMessageContaining("is damaged: its hash is");
    }

    @Test
    void whatModelScopesOlderClientsFetchedIsFound() throws IOException {
        Path old = Files.createDirectories(home.resolve("ms/hub/models/o/n___5"));
        for (String name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            Files.writeString(old.resolve(name), "{}");
        }
        assertThat(fetch("modelscope:o/n.5")).isEqualTo(old);
        assertThat(loopback.seen()).isEmpty();
    }
}
