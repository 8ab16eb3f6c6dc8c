package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.loopback.internal.Fault;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.models.hub.internal.HubEnvironment;
import io.github.peft4j.models.hub.internal.fetch.FetchLocks;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of a hub on the command line: {@code download}, {@code cache}, {@code --model}, {@code --adapter} and {@code --offline}. */
class HubCommandsTest {

    @TempDir
    private Path work;

    private final LoopbackHub hub = LoopbackHub.start();

    @BeforeEach
    void host() {
        hub.model("org/toy").folder(Toy.modelWithText(work.resolve("toy"))).file("README.md", "# toy");
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private CommandRun at(int columns, String input, Object... arguments) {
        Map<String, String> variables = Map.of(
                "HF_HOME", work.resolve("hf").toString(), "HF_ENDPOINT", hub.endpoint(), "HF_TOKEN", "hf_secret");
        return CommandRun.in(
                console -> new Session(console, Interruption.none()).withHubs(new HubEnvironment(variables, work)),
                input,
                columns,
                arguments);
    }

    private CommandRun run(Object... arguments) {
        return at(0, "", arguments);
    }

    private CommandRun done(Object... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private Path snapshot() {
        return work.resolve("hf/hub/models--org--toy/snapshots")
                .resolve(hub.model("org/toy").commit());
    }

    @Test
    void aModelIsDownloadedListedCheckedAndRemoved() throws IOException {
        CommandRun downloaded = done("download", "org/toy", "--json");
        assertThat(downloaded.out()).hasLineCount(1);
        assertThat(downloaded.lastJson().get("path").asText())
                .isEqualTo(snapshot().toString());
        assertThat(downloaded.lastJson().get("files").asInt()).isGreaterThan(2);
        long bytes = downloaded.lastJson().get("bytes").asLong();
        CommandRun listed = done("cache", "list", "--json");
        assertThat(listed.json()).hasSize(1);
        assertThat(listed.lastJson().get("name").asText()).isEqualTo("org/toy");
        assertThat(listed.lastJson().get("bytes").asLong()).isEqualTo(bytes);
        assertThat(listed.lastJson().get("refs").get(0).asText()).isEqualTo("main");
        assertThat(done("cache", "verify", "org/toy", "--json").lastJson().get("damaged"))
                .isEmpty();
        Files.writeString(snapshot().resolve("config.json"), "{\"changed\": true}");
        CommandRun damaged = run("cache", "verify", "--json");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.lastJson().get("damaged").get(0).asText()).startsWith("config.json (");
        assertThat(damaged.err()).contains("remove what they belong to");
        CommandRun unanswered = run("cache", "remove", "org/toy");
        assertThat(unanswered.code()).isEqualTo(2);
        assertThat(at(0, "n\n", "cache", "remove", "org/toy").out()).isEmpty();
        assertThat(snapshot()).exists();
        assertThat(at(0, "y\n", "cache", "remove", "org/toy@main").code()).isZero();
        assertThat(work.resolve("hf/hub/models--org--toy")).doesNotExist();
        assertThat(done("cache", "list").out()).isEmpty();
    }

    @Test
    void aRevisionThatIsRemovedLeavesWhatOthersNeed() throws IOException {
        done("download", "org/toy");
        String old = hub.model("org/toy").commit();
        Path oldConfig = snapshot().resolve("config.json").toRealPath();
        Path weights = snapshot().resolve("model.safetensors").toRealPath();
        hub.model("org/toy").file("config.json", "{}");
        done("download", "org/toy");
        CommandRun removed = done("cache", "remove", "org/toy@" + old.substring(0, 8), "--yes", "--json");
        assertThat(removed.lastJson().get("files").asInt()).isEqualTo(1);
        assertThat(oldConfig).doesNotExist();
        assertThat(weights).exists();
        assertThat(snapshot().resolve("model.safetensors")).exists();
        assertThat(run("cache", "remove", "org/other", "--yes").err()).contains("the cache has no \"org/other\"");
    }

    @Test
    void whatIsBeingDownloadedIsNotRemoved() throws IOException {
        done("download", "org/toy");
        Path locks = work.resolve("hf/hub/.locks/models--org--toy");
        Path lock;
        try (Stream<Path> files = Files.list(locks)) {
            lock = files.findFirst().orElseThrow();
        }
        try (FetchLocks held = FetchLocks.inCache(work.resolve("hf/hub"), new Repo(Repo.Kind.MODEL, "org/toy"))) {
            assertRefused(2, "org/toy is being downloaded by another process", "cache", "remove", "org/toy", "--yes");
        }
        assertThat(lock).exists();
        assertThat(snapshot().resolve("model.safetensors")).exists();
        done("cache", "remove", "org/toy", "--yes");
        assertThat(locks).doesNotExist();
    }

    @Test
    void aNameIsEnoughForAModelAndItsAdapter() throws IOException {
        Path data = Toy.texts(work.resolve("texts.jsonl"), 4);
        Path adapter = work.resolve("adapter");
        done(
                "train",
                "--model",
                "org/toy",
                "--data",
                data,
                "--output",
                adapter,
                "--steps",
                1,
                "--set",
                "r=2",
                "--threads",
                1);
        hub.model("org/adapter").folder(adapter);
        CommandRun named = done(
                "eval", "--model", "org/toy", "--adapter", "org/adapter", "--data", data, "--json", "--threads", 1);
        CommandRun local = done(
                "eval", "--model", work.resolve("toy"), "--adapter", adapter, "--data", data, "--json", "--threads", 1);
        assertThat(named.lastJson().get("nll")).isEqualTo(local.lastJson().get("nll"));
        hub.forget();
        done("eval", "--model", "org/toy", "--adapter", "org/adapter", "--data", data, "--offline", "--threads", 1);
        assertThat(done("inspect", "org/adapter", "--json")
                        .lastJson()
                        .get("kind")
                        .asText())
                .isEqualTo("adapter");
        assertThat(hub.seen()).isEmpty();
        CommandRun lacking = run("eval", "--model", "org/none", "--data", data, "--offline");
        assertThat(lacking.code()).isEqualTo(2);
        assertThat(lacking.err()).hasLineCount(1).contains("and no hub may be asked");
        assertThat(hub.seen()).isEmpty();
    }

    @Test
    void rowsCanBeThoseOfADataSetOnTheHub() throws IOException {
        Path data = Toy.texts(work.resolve("texts.jsonl"), 4);
        hub.dataset("org/rows").file("README.md", "x").large("data/train.jsonl", Files.readAllBytes(data));
        String there = "hf://datasets/org/rows/data/train.jsonl";
        CommandRun named = done("eval", "--model", "org/toy", "--data", there, "--json", "--threads", 1);
        CommandRun local = done("eval", "--model", "org/toy", "--data", data, "--json", "--threads", 1);
        assertThat(named.lastJson().get("nll")).isEqualTo(local.lastJson().get("nll"));
        CommandRun all = done("eval", "--model", "org/toy", "--data", "org/rows", "--json", "--threads", 1);
        assertThat(all.lastJson().get("nll")).isEqualTo(local.lastJson().get("nll"));
        assertRefused(
                2,
                "no data at org/none, and on the hub: there is no data set \"org/none\"",
                "eval",
                "--model",
                "org/toy",
                "--data",
                "org/none");
    }

    @Test
    void onlyWhatIsAskedForComesIntoAFolder() {
        Path output = work.resolve("out");
        CommandRun run = done(
                "download", "org/toy", "--include", "*.json", "--exclude", "tokenizer*", "--output", output, "--json");
        assertThat(run.lastJson().get("path").asText()).isEqualTo(output.toString());
        assertThat(output.resolve("config.json")).exists();
        assertThat(output.resolve("tokenizer.json")).doesNotExist();
        assertThat(output.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void aBarIsForTerminalsAlone() {
        assertThat(at(80, "", "download", "org/toy").err())
                .contains("fetching [")
                .endsWith("\r\033[K");
        assertThat(at(0, "", "download", "org/toy", "--output", work.resolve("o"))
                        .err())
                .doesNotContain("[")
                .contains("fetching ");
    }

    @Test
    void whatCannotBeDownloadedIsToldInOneLine() {
        hub.fault("/api/models/org/down", Fault.status(400, Map.of("X-Error-Message", "no such thing")));
        assertRefused(2, "names no repository", "download", "not a name");
        assertRefused(2, "missing NAME", "download");
        assertRefused(2, "--type must be model or dataset", "download", "org/toy", "--type", "space");
        assertRefused(2, "name a revision each", "download", "org/toy@a", "--revision", "b");
        assertRefused(2, "is no revision", "download", "org/toy", "--revision", "../b");
        assertRefused(2, "there is no model \"org/none\"", "download", "org/none");
        assertRefused(2, "has no revision \"v2\"", "download", "org/toy", "--revision", "v2");
        assertRefused(2, "no file matches *.gguf", "download", "org/toy", "--include", "*.gguf");
        assertRefused(1, "answers with status 400: no such thing", "download", "org/down");
        assertRefused(2, "is no action", "cache", "clear");
    }

    private void assertRefused(int code, String message, Object... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.err())
                .hasLineCount(1)
                .startsWith("error: ")
                .contains(message)
                .doesNotContain("hf_secret");
        assertThat(run.code()).isEqualTo(code);
    }
}
