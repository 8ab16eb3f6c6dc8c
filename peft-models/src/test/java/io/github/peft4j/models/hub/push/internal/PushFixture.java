package io.github.peft4j.models.hub.push.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.loopback.internal.HostedFile;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.loopback.internal.PushRoutes;
import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.http.Credential;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.internal.http.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder to push, and a hub that takes it. */
abstract class PushFixture {

    static final String TOKEN = "hf_writewrite";
    static final String ID = "me/adapter";

    final LoopbackHub hub = LoopbackHub.start();
    final PushRoutes routes = PushRoutes.on(hub, TOKEN);
    final Map<String, byte[]> content = new TreeMap<>();

    @TempDir
    Path folder;

    @BeforeEach
    void fill() {
        byte[] weights = new byte[300_001];
        new SplittableRandom(1).nextBytes(weights);
        content.put("adapter_model.safetensors", weights);
        content.put("adapter_config.json", "{\"peft_type\": \"LORA\"}".getBytes(StandardCharsets.UTF_8));
        content.put("README.md", "---\nlibrary_name: peft\n---\n# \u00fcber\n".getBytes(StandardCharsets.UTF_8));
        content.put("style/empty.bin", new byte[0]);
        content.put("a name with spaces.txt", "x".getBytes(StandardCharsets.UTF_8));
    }

    @AfterEach
    void close() {
        hub.close();
    }

    List<PushedFile> files() throws IOException {
        List<PushedFile> files = new ArrayList<>();
        for (Map.Entry<String, byte[]> each : content.entrySet()) {
            Path file = folder.resolve(each.getKey());
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.write(file, each.getValue());
            }
            files.add(new PushedFile(each.getKey(), Content.of(file)));
        }
        return files;
    }

    HubPush push(String revision, boolean pullRequest) {
        Patience patience = new Patience(
                3,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMillis(1),
                Duration.ofSeconds(1),
                time -> {});
        HubClient client = HubClient.of(hub.endpoint(), Credential.of(TOKEN), patience);
        return new HubPush(client, new PushTarget(ID, revision, pullRequest));
    }

    HubPush.Pushed pushed() throws IOException {
        HubPush push = push("main", false);
        push.make(false);
        return push.send(files(), "first", FetchListener.NONE);
    }

    List<LoopbackHub.Seen> uploads() {
        return hub.seen().stream().filter(seen -> seen.method().equals("PUT")).toList();
    }

    void assertThatTheHubHasAll(String branch) {
        Map<String, HostedFile> there = new TreeMap<>(routes.files(ID, branch));
        there.remove(".gitattributes");
        assertThat(there.keySet()).isEqualTo(content.keySet());
        there.forEach((path, file) -> assertThat(file.content()).as(path).isEqualTo(content.get(path)));
    }
}
