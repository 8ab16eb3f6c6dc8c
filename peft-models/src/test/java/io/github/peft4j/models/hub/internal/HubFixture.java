package io.github.peft4j.models.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.loopback.internal.Repository;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of it have in common. */
abstract class HubFixture {

    static final String TOKEN = "hf_atokenthatnobodyelsemaysee";

    static final byte[] WEIGHTS = bytes(300_000);

    @TempDir
    Path home;

    final LoopbackHub loopback = LoopbackHub.start();
    final List<String> notes = new ArrayList<>();

    static byte[] bytes(int count) {
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

    static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HubEnvironment environment(String... more) {
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

    Hub hub(String... more) {
        Patience patience = new Patience(
                3,
                Duration.ofSeconds(5),
                Duration.ofMillis(400),
                Duration.ofMillis(1),
                Duration.ofMinutes(1),
                time -> {});
        return new Hub(environment(more), false, listener(), patience);
    }

    FetchListener listener() {
        return new FetchListener() {
            @Override
            public void note(String text) {
                synchronized (notes) {
                    notes.add(text);
                }
            }
        };
    }

    Repository model() {
        return loopback.model("o/n")
                .file("config.json", "{}")
                .file("tokenizer.json", "{\"t\":1}")
                .file("README.md", "# a model")
                .file("onnx/config.json", "{}")
                .large("model.safetensors", WEIGHTS)
                .large("pytorch_model.bin", new byte[] {1});
    }

    Path fetch(String name, String... more) throws IOException {
        return ModelLocation.of(name, hub(more)).folder();
    }

    static List<String> files(Path folder) throws CheckpointException {
        return List.copyOf(HubCache.filesIn(folder));
    }

    List<String> ranges(String path) {
        return Arrays.asList(loopback.seen().stream()
                .filter(seen -> seen.path().startsWith("/" + path))
                .map(seen -> seen.header("Range"))
                .toArray(String[]::new));
    }
}
