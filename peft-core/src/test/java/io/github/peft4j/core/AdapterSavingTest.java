package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Adapter folders that are written. */
final class AdapterSavingTest extends AdapterFolderFixture {

    @Test
    void anAdapterIsThreeFiles() throws IOException {
        save(FakeConfig.of("q_proj"));
        assertThat(files(saved)).containsExactly("README.md", "adapter_config.json", "adapter_model.safetensors");
        Map<String, Object> config = Golden.read(saved.resolve("adapter_config.json"));
        assertThat(config)
                .containsEntry("inference_mode", true)
                .containsEntry("base_model_name_or_path", folder.resolve("base").toString())
                .containsEntry("task_type", "CAUSAL_LM")
                .containsEntry("auto_mapping", null);
        String card = Files.readString(saved.resolve("README.md"));
        assertThat(card)
                .startsWith("---\nbase_model: " + folder.resolve("base")
                        + "\nlibrary_name: peft\npipeline_tag: text-generation\ntags:\n- base_model:adapter:");
    }

    @Test
    void theTensorsStandAsPythonWritesThem() throws IOException {
        save(FakeConfig.of("q_proj"));
        byte[] file = Files.readAllBytes(saved.resolve("adapter_model.safetensors"));
        String expected = "{\"__metadata__\":{\"format\":\"pt\"},\"" + KEY.formatted(0)
                + "\":{\"dtype\":\"F32\",\"shape\":[16],\"data_offsets\":[0,64]},\"" + KEY.formatted(1)
                + "\":{\"dtype\":\"F32\",\"shape\":[16],\"data_offsets\":[64,128]}}";
        assertThat(new String(file, 8, expected.length(), StandardCharsets.UTF_8))
                .isEqualTo(expected);
    }

    @Test
    void withoutATaskTheBaseModelsClassIsNamed() throws IOException {
        FakeConfig config = FakeConfig.of("q_proj")
                .withCommon(new CommonSettings(null, null, null, false, null, "0.21.2", Map.of("new_key", 1), false));
        save(config);
        assertThat(Golden.read(saved.resolve("adapter_config.json")))
                .containsEntry("task_type", null)
                .containsEntry("new_key", 1)
                .containsEntry(
                        "auto_mapping",
                        Map.of(
                                "base_model_class", "LlamaForCausalLM",
                                "parent_library", "transformers.models.llama.modeling_llama"));
        assertThat(Files.readString(saved.resolve("README.md"))).doesNotContain("pipeline_tag");
    }

    @Test
    void otherAdaptersGoIntoFoldersOfTheirNames() throws IOException {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        peft.add(FakeConfig.of("v_proj").withInitial(2), named("b"));
        peft.add(FakeConfig.of("k_proj").withInitial(3), named("a"));
        peft.save(saved);
        assertThat(files(saved))
                .containsExactly("README.md", "a", "adapter_config.json", "adapter_model.safetensors", "b");
        assertThat(files(saved.resolve("b"))).containsExactly("adapter_config.json", "adapter_model.safetensors");
        assertThat(((FakeAdapter) peft.adapter("b")).saves).isEqualTo(1);
    }

    @Test
    void someOfTheAdaptersCanBeSaved() throws IOException {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        peft.save(saved, List.of("b"));
        assertThat(files(saved)).containsExactly("README.md", "b");
    }

    @Test
    void aCardThatAPersonWroteIsKept() throws IOException {
        Files.createDirectories(saved);
        Files.writeString(saved.resolve("README.md"), "---\nlicense: mit\n---\n# Mine\n");
        save(FakeConfig.of("q_proj"));
        assertThat(Files.readString(saved.resolve("README.md")))
                .startsWith("---\nlicense: mit\nbase_model: ")
                .contains("# Mine\n### Framework versions\n\n- PEFT 0.21.2");
    }

    @Test
    void aFileInThePlaceOfTheFolderIsPointedOut() throws IOException {
        Files.writeString(saved, "x");
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        assertThatThrownBy(() -> peft.save(saved))
                .isInstanceOf(IOException.class)
                .hasMessage("Provided path (" + saved + ") should be a directory, not a file");
    }

    @Test
    void aFileInThePlaceOfANamedAdaptersFolderIsPointedOut() throws IOException {
        Files.createDirectories(saved);
        Path file = Files.writeString(saved.resolve("b"), "x");
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj"), named("b"), FakeMethod.ALONE);
        assertThatThrownBy(() -> peft.save(saved))
                .hasMessage("Provided path (" + file + ") should be a directory, not a file");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        assertThatThrownBy(() -> peft.save(file.resolve("below")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot make the folder " + file.resolve("below") + ": ");
    }

    @Test
    void savingAgainReplacesWhatWasThere() throws IOException {
        save(FakeConfig.of("q_proj"));
        float[] second = save(FakeConfig.of("v_proj", "k_proj").withInitial(0.5));
        open();
        assertThat(Toy.logits(model)).containsExactly(second);
    }
}
