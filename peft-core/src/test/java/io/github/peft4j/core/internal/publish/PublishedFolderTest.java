package io.github.peft4j.core.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.hub.push.internal.PushedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedFolderTest {

    private static final String HERE = "/home/me/models/smollm2";

    private static final String THERE = "HuggingFaceTB/SmolLM2-135M";

    @TempDir
    Path root;

    private Path folder;

    @BeforeEach
    void make() throws IOException {
        folder = root.resolve("adapter");
        adapter(folder, HERE);
    }

    private static void adapter(Path folder, String base) throws IOException {
        write(
                folder.resolve("adapter_config.json"),
                "{\"peft_type\": \"LORA\", \"task_type\": \"CAUSAL_LM\", \"r\": 8, \"lora_dropout\": 1e-05,"
                        + " \"base_model_name_or_path\": \"" + base + "\"}");
        weights(folder.resolve("adapter_model.safetensors"), "w");
    }

    private static void weights(Path file, String name) throws IOException {
        Files.createDirectories(file.getParent());
        SafetensorsWriter.write(
                file,
                Map.of("format", "pt"),
                List.of(TensorSource.of(new TensorInfo(name, StoredType.F32, List.of(4L)), ByteBuffer.allocate(16))));
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static PublishedFolder.Choice choice(@Nullable String baseModel) {
        return new PublishedFolder.Choice("name", List.of(), List.of(), baseModel);
    }

    private PublishedFolder published() throws IOException {
        return PublishedFolder.of(folder, choice(null));
    }

    private static List<String> paths(PublishedFolder published) {
        return published.files().stream().map(PushedFile::path).toList();
    }

    private static String text(PublishedFolder published, String path) throws IOException {
        for (PushedFile file : published.files()) {
            if (file.path().equals(path)) {
                return new String(file.content().bytes(), StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no " + path + " in " + paths(published));
    }

    @Test
    void anAdapterIsItsOwnFilesWithTokenizerAndCard() throws IOException {
        for (String own : List.of(
                "README.md",
                "LICENSE",
                "labels.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "chat_template.jinja",
                "additional_chat_templates/tool_use.jinja",
                "1_Pooling/config.json",
                "modules.json")) {
            write(folder.resolve(own), "{}");
        }
        weights(folder.resolve("prompt_encoder.safetensors"), "e");
        adapter(folder.resolve("style"), HERE);
        assertThat(paths(published()))
                .containsExactly(
                        "1_Pooling/config.json",
                        "LICENSE",
                        "README.md",
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "additional_chat_templates/tool_use.jinja",
                        "chat_template.jinja",
                        "labels.json",
                        "modules.json",
                        "prompt_encoder.safetensors",
                        "style/adapter_config.json",
                        "style/adapter_model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json");
        assertThat(published().leftOut()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "optimizer.safetensors, the state of a training",
        "trainer_state.json, the state of a training",
        "rng_state_0.pth, the state of a training",
        "report.html, a report that names files of this computer",
        "events.out.tfevents.17.peft4j.1, a report that names files of this computer",
        ".env, hidden",
        ".cache/huggingface/x, hidden",
        ".git/config, hidden",
        "token, it may hold a secret",
        "hf_token.txt, it may hold a secret",
        "server.pem, it may hold a secret",
        "id_ed25519, it may hold a secret",
    })
    void whatNobodyElseShouldHaveIsLeftOutEvenIfItIsAskedFor(String path, String reason) throws IOException {
        write(folder.resolve(path), "x");
        for (List<String> include : List.of(List.<String>of(), List.of("*"))) {
            PublishedFolder published =
                    PublishedFolder.of(folder, new PublishedFolder.Choice("name", include, List.of(), null));
            assertThat(paths(published)).doesNotContain(path).contains("adapter_config.json");
            assertThat(published.leftOut()).containsValue(reason).hasSize(1);
        }
    }

    @Test
    void checkpointsToResumeFromAreLeftOutAsAWhole() throws IOException {
        adapter(folder.resolve("checkpoint-20"), HERE);
        write(folder.resolve("checkpoint-20/optimizer.safetensors"), "x");
        assertThat(published().leftOut()).isEqualTo(Map.of("checkpoint-20/", "the state of a training"));
        assertThat(paths(published())).containsExactly("README.md", "adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void aCheckpointToResumeFromCanItselfBePublished() throws IOException {
        Path checkpoint = folder.resolve("checkpoint-20");
        adapter(checkpoint, HERE);
        write(checkpoint.resolve("optimizer.safetensors"), "x");
        assertThat(paths(PublishedFolder.of(checkpoint, choice(null))))
                .containsExactly("README.md", "adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void whatDoesNotBelongToAnAdapterIsLeftOutUnlessItIsAskedFor() throws IOException {
        write(folder.resolve("rows.jsonl"), "{}");
        write(folder.resolve("loss.png"), "x");
        assertThat(published().leftOut())
                .isEqualTo(Map.of("rows.jsonl", "not part of an adapter", "loss.png", "not part of an adapter"));
        PublishedFolder.Choice asked =
                new PublishedFolder.Choice("name", List.of("adapter_*", "*.png"), List.of("*.safetensors"), null);
        assertThat(paths(PublishedFolder.of(folder, asked))).containsExactly("adapter_config.json", "loss.png");
    }

    @Test
    void aLinkThatLeadsOutOfTheFolderIsLeftOut() throws IOException {
        Path elsewhere = write(root.resolve("passwords"), "secret");
        Files.createSymbolicLink(folder.resolve("LICENSE"), elsewhere);
        Files.createSymbolicLink(folder.resolve("NOTICE"), folder.resolve("adapter_config.json"));
        assertThat(published().leftOut()).isEqualTo(Map.of("LICENSE", "a link that leads out of the folder"));
        assertThat(paths(published())).contains("NOTICE").doesNotContain("LICENSE");
    }

    @Test
    void weightsThatAreALinkOutOfTheFolderAreRefused() throws IOException {
        Path file = folder.resolve("adapter_model.safetensors");
        Path moved = Files.move(file, root.resolve("weights.safetensors"));
        Files.createSymbolicLink(file, moved);
        assertThatThrownBy(this::published)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("leads out of its folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"adapter_model.safetensors", "adapter_config.json"})
    void anIncompleteAdapterIsRefused(String missing) throws IOException {
        Files.delete(folder.resolve(missing));
        assertThatThrownBy(this::published).isInstanceOf(CheckpointException.class);
    }

    @Test
    void anAdapterWhoseWeightsWereCutIsRefused() throws IOException {
        Path file = folder.resolve("adapter_model.safetensors");
        byte[] all = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(all, all.length - 1));
        assertThatThrownBy(this::published).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aCheckpointIsItsShardsAndNoOthers() throws IOException {
        Path model = root.resolve("model");
        write(model.resolve("config.json"), "{\"model_type\": \"llama\"}");
        weights(model.resolve("model-00001-of-00002.safetensors"), "a");
        weights(model.resolve("model-00002-of-00002.safetensors"), "b");
        weights(model.resolve("model-00001-of-00003.safetensors"), "a");
        write(model.resolve("pytorch_model.bin"), "x");
        write(
                model.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}");
        PublishedFolder published = PublishedFolder.of(model, choice(null));
        assertThat(paths(published))
                .containsExactly(
                        "README.md",
                        "config.json",
                        "model-00001-of-00002.safetensors",
                        "model-00002-of-00002.safetensors",
                        "model.safetensors.index.json");
        assertThat(published.leftOut().keySet())
                .containsExactly("model-00001-of-00003.safetensors", "pytorch_model.bin");
        assertThat(text(published, "README.md"))
                .isEqualTo("---\nlibrary_name: transformers\n---\n\n# name\n\n"
                        + "A llama checkpoint in the form of Hugging Face transformers.\n");
        Files.delete(model.resolve("model-00002-of-00002.safetensors"));
        assertThatThrownBy(() -> PublishedFolder.of(model, choice(null)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model-00002-of-00002.safetensors");
    }

    @Test
    void aFolderOfSomethingElseIsRefused() throws IOException {
        Path other = Files.createDirectories(root.resolve("other"));
        assertThatThrownBy(() -> PublishedFolder.of(other, choice(null)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("holds neither a checkpoint nor an adapter");
    }

    @Test
    void aBaseModelThatIsAFolderOfThisComputerIsToldAndNotPutIntoANewCard() throws IOException {
        assertThat(published().here()).isEqualTo(HERE);
        assertThat(text(published(), "README.md")).doesNotContain(HERE).contains("library_name: peft", "- lora");
        adapter(folder, THERE);
        assertThat(published().here()).isNull();
        assertThat(text(published(), "README.md")).contains("base_model: " + THERE);
    }

    @Test
    void theBaseModelIsCalledWhatItIsOnTheHubInWhatIsPublishedAlone() throws IOException {
        String config = Files.readString(folder.resolve("adapter_config.json"));
        String card = "---\nbase_model: " + HERE + "\nlicense: mit # mine\ntags:\n- base_model:adapter:" + HERE
                + "\n- poems\n---\n# LORA adapter for " + HERE + "\n\nNot " + HERE + "-more, nor x" + HERE + ".\n";
        write(folder.resolve("README.md"), card);
        adapter(folder.resolve("style"), HERE);
        PublishedFolder published = PublishedFolder.of(folder, choice(THERE));
        assertThat(published.here()).isNull();
        assertThat(text(published, "adapter_config.json"))
                .isEqualTo("{\n  \"base_model_name_or_path\": \"" + THERE + "\",\n  \"lora_dropout\": 1e-05,\n"
                        + "  \"peft_type\": \"LORA\",\n  \"r\": 8,\n  \"task_type\": \"CAUSAL_LM\"\n}");
        assertThat(text(published, "style/adapter_config.json")).contains(THERE);
        assertThat(text(published, "README.md"))
                .isEqualTo("---\nbase_model: " + THERE + "\nlicense: mit # mine\ntags:\n- base_model:adapter:" + THERE
                        + "\n- poems\n---\n# LORA adapter for " + THERE + "\n\nNot " + HERE + "-more, nor x" + HERE
                        + ".\n");
        assertThat(folder.resolve("adapter_config.json")).hasContent(config);
        assertThat(folder.resolve("README.md")).hasContent(card);
    }
}
