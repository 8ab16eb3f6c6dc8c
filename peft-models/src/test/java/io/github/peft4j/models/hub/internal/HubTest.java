package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.Repository;
import io.github.peft4j.models.hub.internal.cache.CacheContents;
import io.github.peft4j.models.hub.internal.cache.CacheRemoval;
import io.github.peft4j.models.hub.internal.cache.CachedRevision;
import io.github.peft4j.models.hub.internal.fetch.ChosenFiles;
import io.github.peft4j.models.hub.internal.fetch.Fetch;
import io.github.peft4j.models.hub.internal.fetch.FetchLocks;
import io.github.peft4j.models.hub.internal.fetch.ModelFiles;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Fetching from a hub that does whatever it likes. */
class HubTest extends HubFixture {

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
    void whatIsBeingFetchedIsNotRemoved() throws IOException {
        model();
        for (String name : List.of("o/n", "modelscope:o/n")) {
            Path folder = fetch(name);
            List<CachedRevision> all = new CacheContents(home.resolve("hub"), home.resolve("ms")).all();
            CacheRemoval removal = CacheRemoval.of(all, name, null);
            Repo repo = removal.revisions().get(0).repo();
            try (FetchLocks held = name.equals("o/n")
                    ? FetchLocks.inCache(home.resolve("hub"), repo)
                    : FetchLocks.inModelScopeCache(home.resolve("ms"), repo)) {
                assertThatThrownBy(removal::run)
                        .isInstanceOf(HubException.Refusal.class)
                        .hasMessageContaining("o/n is being downloaded by another process");
            }
            assertThat(files(folder)).hasSize(3);
            removal.run();
            assertThat(folder).doesNotExist();
        }
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
