package io.github.peft4j.cli.internal.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.loopback.internal.LoopbackHub;
import io.github.peft4j.loopback.internal.PushRoutes;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.hub.internal.HubEnvironment;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PushCommandTest {

    private static final String TOKEN = "hf_writewrite";

    private final LoopbackHub hub = LoopbackHub.start();
    private final PushRoutes routes = PushRoutes.on(hub, TOKEN);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path root;

    private Path folder;

    @BeforeEach
    void make() throws IOException {
        folder = Files.createDirectories(root.resolve("adapter"));
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\":\"LORA\",\"task_type\":\"CAUSAL_LM\",\"base_model_name_or_path\":\"/data/base\"}");
        Files.writeString(folder.resolve("optimizer.safetensors"), "x");
        SafetensorsWriter.write(
                folder.resolve("adapter_model.safetensors"),
                Map.of("format", "pt"),
                List.of(TensorSource.of(new TensorInfo("w", StoredType.F32, List.of(4L)), ByteBuffer.allocate(16))));
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private void run(Map<String, String> variables, String... arguments) throws IOException {
        PushCommand command = new PushCommand();
        CommandLine line = new CommandLine(command);
        command.sections().addTo(line.getCommandSpec());
        line.parseArgs(arguments);
        Console console = new Console(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0);
        HubEnvironment environment = new HubEnvironment(variables, root.resolve("home"));
        command.run(new Session(console, Interruption.none()).withJson(true).withHubs(environment));
    }

    private void push(String... more) throws IOException {
        String[] arguments = new String[more.length + 2];
        arguments[0] = folder.toString();
        arguments[1] = "me/adapter";
        System.arraycopy(more, 0, arguments, 2, more.length);
        run(Map.of("HF_ENDPOINT", hub.endpoint(), "HF_TOKEN", TOKEN), arguments);
    }

    private List<JsonNode> json() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> all = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            all.add(json.readTree(line));
        }
        return all;
    }

    private String notes() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aFolderIsOnTheHubAfterwardsWithItsBaseModelCalledAsItIsThere() throws IOException {
        push("--base-model", "o/n");
        assertThat(routes.files("me/adapter", "main").keySet())
                .containsExactly(".gitattributes", "README.md", "adapter_config.json", "adapter_model.safetensors");
        assertThat(routes.files("me/adapter", "main")
                        .get("adapter_model.safetensors")
                        .content())
                .isEqualTo(Files.readAllBytes(folder.resolve("adapter_model.safetensors")));
        assertThat(new String(
                        routes.files("me/adapter", "main").get("README.md").content(), StandardCharsets.UTF_8))
                .contains("base_model: o/n");
        assertThat(routes.isOpen("me/adapter")).isFalse();
        assertThat(routes.commits("me/adapter", "main")).containsExactly("Upload adapter with peft4j");
        JsonNode result = json().get(0);
        assertThat(result.get("path").asText()).isEqualTo(folder.toString());
        assertThat(result.get("files").asInt()).isEqualTo(3);
        assertThat(result.get("url").asText()).isEqualTo(hub.endpoint() + "/me/adapter");
        assertThat(result.get("commit").asText())
                .isEqualTo(hub.model("me/adapter").commit());
        assertThat(notes())
                .isEqualTo("left out (the state of a training): optimizer.safetensors\nuploading 1 files, 0.0 MB\n");
    }

    @Test
    void aBaseModelThatIsAFolderHereIsWarnedOf() throws IOException {
        push();
        assertThat(notes())
                .contains("warning: the adapter names its base model \"/data/base\"", "--base-model OWNER/NAME");
    }

    @Test
    void aSecondPushFindsNothingToDo() throws IOException {
        push();
        push("--message", "again");
        assertThat(json().get(1).get("files").asInt()).isZero();
        assertThat(json().get(1).get("commit")).isEqualTo(json().get(0).get("commit"));
        assertThat(notes()).contains("nothing to commit");
    }

    @Test
    void aDryRunAsksNobodyAndNeedsNoToken() throws IOException {
        run(Map.of("HF_HUB_OFFLINE", "1"), folder.toString(), "me/adapter", "--dry-run");
        assertThat(hub.seen()).isEmpty();
        assertThat(json().stream()
                        .map(line -> line.path("file").asText() + " "
                                + line.path("transfer").asText()))
                .containsExactly(
                        "README.md regular", "adapter_config.json regular", "adapter_model.safetensors lfs", " ");
        JsonNode last = json().get(3);
        assertThat(last.get("files").asInt()).isEqualTo(3);
        assertThat(last.get("commit").isNull()).isTrue();
        assertThat(notes()).contains("optimizer.safetensors");
    }

    @Test
    void aRepositoryThatEverybodySeesIsPushedToOnlyIfThatIsSaid() throws IOException {
        routes.make("me/adapter", true);
        assertThatThrownBy(this::push).isInstanceOf(BadInput.class).hasMessageContaining("--public");
        assertThat(routes.commits("me/adapter", "main")).isEmpty();
        push("--public");
        assertThat(routes.commits("me/adapter", "main")).hasSize(1);
    }

    @Test
    void aNewRepositoryIsPublicIfThatIsSaid() throws IOException {
        push("--public");
        assertThat(routes.isOpen("me/adapter")).isTrue();
    }

    @Test
    void aPullRequestIsToldByItsAddress() throws IOException {
        routes.make("me/adapter", false);
        push("--create-pr");
        assertThat(json().get(0).get("url").asText()).isEqualTo(hub.endpoint() + "/me/adapter/discussions/1");
    }

    @Test
    void aCardThatIsNotValidStopsThePushBeforeThereIsARepository() throws IOException {
        Files.writeString(folder.resolve("README.md"), "---\nlicense: nonsense\n---\n");
        assertThatThrownBy(this::push).isInstanceOf(HubException.Refusal.class).hasMessageContaining("README.md");
        assertThat(hub.seen()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HF_HUB_OFFLINE | 1 | no hub may be asked",
                "HF_ENDPOINT | http://127.0.0.1:1 | there is no token for http://127.0.0.1:1",
            })
    void withoutTokenOrNetworkNothingIsTried(String variable, String value, String message) {
        assertThatThrownBy(() -> run(Map.of(variable, value), folder.toString(), "me/adapter"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatCannotBePushedIsRefusedInOneLine() {
        Map<String, String> none = Map.of();
        assertThatThrownBy(() -> run(none, root.resolve("nowhere").toString(), "me/a"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("there is nothing");
        assertThatThrownBy(() -> run(none, root.toString(), "me/a"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("holds neither a checkpoint nor an adapter");
        assertThatThrownBy(() -> run(none, folder.toString(), "adapter"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("expected OWNER/NAME");
        assertThatThrownBy(() -> run(none, folder.toString(), "me/a", "--create-pr", "--revision", "x"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("pull request");
        assertThatThrownBy(() -> run(none, folder.toString(), "me/a", "--base-model", "/data/base"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("--base-model must be a hub id");
    }
}
