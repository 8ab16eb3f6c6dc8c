package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.internal.JsonObject;
import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.ModelOrigin;
import io.github.peft4j.models.checkpoint.AtomicWrite;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.SafetensorsWriter;
import io.github.peft4j.models.checkpoint.StoredType;
import io.github.peft4j.models.checkpoint.TensorInfo;
import io.github.peft4j.models.checkpoint.TensorSource;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapter folders, written and read. */
final class AdapterStoreTest {

    private static final String KEY = "base_model.model.model.layers.%d.self_attn.q_proj.fake_factor";

    @TempDir
    private Path folder;

    private Path saved;
    private CausalLm model;
    private float[] base;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder.resolve("base"), false));
        base = Toy.logits(model);
        saved = folder.resolve("adapter");
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static AttachContext named(String name) {
        return new AttachContext(name, 0, true);
    }

    private PeftModel attach(FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }

    /** Saves an adapter that changes the model, takes it away, and returns what the model computed with it. */
    private float[] save(FakeConfig config) throws IOException {
        PeftModel peft = attach(config);
        float scale = 1;
        for (Weight weight : peft.adapter().parameters().values()) {
            weight.scope().kernels().scaleInto(weight.array(), scale += 0.25f);
        }
        float[] adapted = Toy.logits(model);
        peft.save(saved);
        peft.unload();
        return adapted;
    }

    private PeftModel open() throws IOException {
        return PeftModel.load(model, saved, FakeMethod.ALONE);
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void config(String text) throws IOException {
        Files.createDirectories(saved);
        Files.writeString(saved.resolve("adapter_config.json"), text);
    }

    private void refused(String message) {
        Map<String, ?> modules = model.modulesByPath();
        int live = model.scope().liveArrays();
        assertThatThrownBy(this::open).isInstanceOf(CheckpointException.class).hasMessage(message);
        assertThat(model.modulesByPath()).isEqualTo(modules);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    // ---- writing

    @Test
    void anAdapterIsThreeFiles() throws IOException {
        save(FakeConfig.of("q_proj"));
        assertThat(files(saved)).containsExactly("README.md", "adapter_config.json", "adapter_model.safetensors");
        Map<String, Object> config = JsonObject.read(saved.resolve("adapter_config.json"));
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
        assertThat(new String(file, 8, expected.length(), StandardCharsets.UTF_8)).isEqualTo(expected);
    }

    @Test
    void withoutATaskTheBaseModelsClassIsNamed() throws IOException {
        FakeConfig config = FakeConfig.of("q_proj")
                .withCommon(new CommonSettings(null, null, null, false, null, "0.21.2", Map.of("new_key", 1)));
        save(config);
        assertThat(JsonObject.read(saved.resolve("adapter_config.json")))
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
        PeftModel peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        peft.add(FakeConfig.of("v_proj").withInitial(2), named("b"));
        peft.add(FakeConfig.of("k_proj").withInitial(3), named("a"));
        peft.save(saved);
        assertThat(files(saved)).containsExactly("README.md", "a", "adapter_config.json", "adapter_model.safetensors", "b");
        assertThat(files(saved.resolve("b"))).containsExactly("adapter_config.json", "adapter_model.safetensors");
        assertThat(((FakeAdapter) peft.adapter("b")).saves).isEqualTo(1);
    }

    @Test
    void someOfTheAdaptersCanBeSaved() throws IOException {
        PeftModel peft = attach(FakeConfig.of("q_proj"));
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
        PeftModel peft = attach(FakeConfig.of("q_proj"));
        assertThatThrownBy(() -> peft.save(saved))
                .isInstanceOf(IOException.class)
                .hasMessage("Provided path (" + saved + ") should be a directory, not a file");
    }

    @Test
    void aFileInThePlaceOfANamedAdaptersFolderIsPointedOut() throws IOException {
        Files.createDirectories(saved);
        Path file = Files.writeString(saved.resolve("b"), "x");
        PeftModel peft = PeftModel.attach(model, FakeConfig.of("q_proj"), named("b"), FakeMethod.ALONE);
        assertThatThrownBy(() -> peft.save(saved))
                .hasMessage("Provided path (" + file + ") should be a directory, not a file");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        PeftModel peft = attach(FakeConfig.of("q_proj"));
        assertThatThrownBy(() -> peft.save(file.resolve("below")))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot write " + file.resolve("below").resolve("adapter_model.safetensors"));
    }

    @Test
    void savingAgainReplacesWhatWasThere() throws IOException {
        save(FakeConfig.of("q_proj"));
        float[] second = save(FakeConfig.of("v_proj", "k_proj").withInitial(0.5));
        open();
        assertThat(Toy.logits(model)).containsExactly(second);
    }

    // ---- reading

    @Test
    void whatWasSavedIsReadAgain() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj", "embed_tokens").saving("lm_head"));
        PeftModel peft = open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
        assertThat(peft.active()).containsExactly("default");
        assertThat(model.trainableWeights()).isEmpty();
        assertThat(((FakeAdapter) peft.adapter()).loads).isEqualTo(1);
        peft.setTrainable("default");
        assertThat(model.trainableWeights()).hasSize(4);
    }

    @Test
    void readAndSavedAgainTheFilesAreTheSame() throws IOException {
        save(FakeConfig.of("q_proj").saving("lm_head"));
        open().save(folder.resolve("again"));
        for (String name : files(saved)) {
            assertThat(folder.resolve("again").resolve(name)).hasSameBinaryContentAs(saved.resolve(name));
        }
    }

    @Test
    void anotherAdapterIsReadBesideWithoutATrace() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj").withInitial(2));
        PeftModel peft = attach(FakeConfig.of("v_proj").withInitial(1.5));
        float[] first = Toy.logits(model);
        peft.load(saved, "b");
        assertThat(peft.active()).containsExactly("default");
        assertThat(Toy.logits(model)).containsExactly(first);
        assertThat(peft.adapter().parameters().values()).allMatch(Weight::trainable);
        peft.setActive("b");
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void allThatWasSavedIsReadUnderItsNames() throws IOException {
        PeftModel peft = PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(2), named("b"), FakeMethod.ALONE);
        peft.add(FakeConfig.of("v_proj").withInitial(3), named("c"));
        peft.save(saved);
        float[] first = Toy.logits(model);
        peft.unload();
        PeftModel again = PeftModel.loadAll(model, saved, FakeMethod.ALONE);
        assertThat(again.names()).containsExactly("b", "c");
        assertThat(again.active()).containsExactly("b");
        assertThat(Toy.logits(model)).containsExactly(first);
    }

    @Test
    void allOrNoneIsRead() throws IOException {
        PeftModel peft = PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(2), named("b"), FakeMethod.ALONE);
        peft.add(FakeConfig.of("v_proj").withInitial(3), named("c"));
        peft.save(saved);
        peft.unload();
        Files.delete(saved.resolve("c/adapter_model.safetensors"));
        assertThatThrownBy(() -> PeftModel.loadAll(model, saved, FakeMethod.ALONE))
                .hasMessageStartingWith("Can't find weights in " + saved.resolve("c"));
        assertThat(Toy.logits(model)).containsExactly(base);
        assertThatThrownBy(() -> PeftModel.loadAll(model, folder.resolve("base"), FakeMethod.ALONE))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no adapter in " + folder.resolve("base")
                        + ": expected adapter_config.json there or in a folder within");
    }

    @Test
    void aFolderThatOnlyHasFoldersOfAdaptersIsExplained() throws IOException {
        PeftModel peft = PeftModel.attach(model, FakeConfig.of("q_proj"), named("b"), FakeMethod.ALONE);
        peft.save(saved);
        peft.unload();
        refused("Can't find 'adapter_config.json' at '" + saved
                + "'; there are adapters in folders below: [b], name one of them");
        assertThat(PeftModel.load(model, saved.resolve("b"), FakeMethod.ALONE).names()).containsExactly("default");
    }

    @Test
    void shortNumbersAreReadAsFloats() throws IOException {
        for (StoredType type : List.of(StoredType.BF16, StoredType.F16)) {
            save(FakeConfig.of("q_proj"));
            rewrite(UnaryOperator.identity(), type);
            PeftModel peft = open();
            for (Weight weight : peft.adapter().parameters().values()) {
                assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
                assertThat(weight.scope().kernels().toFloats(weight.array())).containsOnly(1.5f);
            }
            peft.unload();
        }
    }

    @Test
    void keysMayLackThePrefix() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj").saving("lm_head"));
        rewrite(name -> name.substring("base_model.model.".length()), null);
        open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void aPickledFileIsRead() throws IOException {
        save(FakeConfig.of("q_proj"));
        Files.delete(saved.resolve("adapter_model.safetensors"));
        Files.write(saved.resolve("adapter_model.bin"), Golden.bytes("adapter_model.bin"));
        PeftModel peft = open();
        Weight first = peft.adapter().parameters().get(KEY.formatted(0));
        assertThat(first.scope().kernels().toFloats(first.array())).startsWith(0.5f, 1.5f, 2.5f);
    }

    @Test
    void anAdapterMadeForAnotherBaseIsPointedOut() throws IOException {
        save(FakeConfig.of("q_proj"));
        model.setOrigin(new ModelOrigin("org/other", folder));
        try (Logged logged = Logged.of(PeftModel.class)) {
            PeftModel peft = open();
            assertThat(logged.messages(Level.WARN))
                    .containsExactly("the adapter in " + saved + " was made for the base model '" + folder.resolve("base")
                            + "', and is put on 'org/other'");
            assertThat(peft.adapter().config().common().baseModel())
                    .isEqualTo(folder.resolve("base").toString());
        }
    }

    @Test
    void aMissingNameOfTheBaseIsFilledIn() throws IOException {
        save(FakeConfig.of("q_proj"));
        Path file = saved.resolve("adapter_config.json");
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll("\"base_model_name_or_path\": \"[^\"]*\"", "\"base_model_name_or_path\": null"));
        try (Logged logged = Logged.of(PeftModel.class)) {
            assertThat(open().adapter().config().common().baseModel())
                    .isEqualTo(folder.resolve("base").toString());
            assertThat(logged.messages(Level.WARN)).isEmpty();
        }
    }

    // ---- what is refused

    @Test
    void everythingThatDoesNotFitIsToldAtOnce() throws IOException {
        save(FakeConfig.of("q_proj"));
        Toy.writeTensors(
                saved.resolve("adapter_model.safetensors"),
                Map.of(),
                Toy.tensor(KEY.formatted(0), List.of(2L), 1, 2),
                Toy.tensor("surplus", List.of(1L), 1));
        refused("the adapter in " + saved + " does not fit the model (3 problems): " + KEY.formatted(0)
                + " has shape [2], the model needs [16]; unexpected surplus; missing " + KEY.formatted(1) + " [16]");
    }

    @Test
    void aLongListIsCutShort() throws IOException {
        save(FakeConfig.of("q_proj"));
        List<TensorSource> many = new ArrayList<>();
        for (int i = 10; i < 40; i++) {
            many.add(Toy.tensor("x" + i, List.of(1L), 1));
        }
        Toy.writeTensors(saved.resolve("adapter_model.safetensors"), Map.of(), many.toArray(TensorSource[]::new));
        assertThatThrownBy(this::open)
                .hasMessageStartingWith("the adapter in " + saved + " does not fit the model (32 problems): unexpected x10; ")
                .hasMessageEndingWith("; unexpected x29; and 12 more");
    }

    @Test
    void aKeyWithAndWithoutPrefixIsThereTwice() throws IOException {
        save(FakeConfig.of("q_proj"));
        TensorSource[] tensors = new TensorSource[3];
        for (int i = 0; i < 2; i++) {
            tensors[i] = Toy.tensor(KEY.formatted(i), List.of(16L), new float[16]);
        }
        tensors[2] = Toy.tensor(KEY.formatted(0).substring(17), List.of(16L), new float[16]);
        Toy.writeTensors(saved.resolve("adapter_model.safetensors"), Map.of(), tensors);
        refused("the adapter in " + saved + " does not fit the model (1 problem): " + KEY.formatted(0)
                + " stands there twice, once without base_model.model.");
    }

    @Test
    void numbersThatModelsDoNotComputeInAreRefused() throws IOException {
        save(FakeConfig.of("q_proj"));
        rewrite(UnaryOperator.identity(), StoredType.I64);
        refused("the adapter in " + saved + " does not fit the model (2 problems): " + KEY.formatted(0)
                + " is stored as I64, expected F32, F16 or BF16; " + KEY.formatted(1)
                + " is stored as I64, expected F32, F16 or BF16");
    }

    @Test
    void anAdapterForAnotherArchitectureIsRefusedWithBothNames() throws IOException {
        save(FakeConfig.of("q_proj"));
        Path file = saved.resolve("adapter_config.json");
        Files.writeString(file, Files.readString(file).replace("q_proj", "query_key_value"));
        assertThatThrownBy(this::open)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("the adapter in " + saved + ", made for " + folder.resolve("base")
                        + ", does not fit this LlamaForCausalLM: Target modules {'query_key_value'} not found");
    }

    @Test
    void aFailureAtTheLastStepLeavesTheModelAsItWas() throws IOException {
        save(FakeConfig.of("q_proj").saving("lm_head"));
        FakeMethod failing = new FakeMethod();
        failing.failure = new IllegalStateException("too late");
        int live = model.scope().liveArrays();
        assertThatThrownBy(() -> PeftModel.load(model, saved, PeftMethods.of(failing))).hasMessage("too late");
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @Test
    void damagedWeightsAreRefused() throws IOException {
        save(FakeConfig.of("q_proj"));
        Files.write(saved.resolve("adapter_model.safetensors"), new byte[] {1, 2, 3});
        assertThatThrownBy(this::open)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(saved.resolve("adapter_model.safetensors").toString());
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        refused("Can't find 'adapter_config.json' at '" + saved + "': there is no such folder");
    }

    @Test
    void aFileThatShouldBeAFolderIsNamed() throws IOException {
        Files.writeString(saved, "x");
        refused("Can't find 'adapter_config.json' at '" + saved + "': expected a folder, found a file");
    }

    @Test
    void aFolderWithoutAConfigIsNamed() throws IOException {
        Files.createDirectories(saved);
        refused("Can't find 'adapter_config.json' at '" + saved + "'");
    }

    @Test
    void aFolderWithoutWeightsIsNamed() throws IOException {
        save(FakeConfig.of("q_proj"));
        Files.delete(saved.resolve("adapter_model.safetensors"));
        refused("Can't find weights in " + saved + ": expected adapter_model.safetensors or adapter_model.bin");
    }

    @Test
    void aConfigWithoutATypeIsRefused() throws IOException {
        config("{\"r\": 8}");
        refused(saved.resolve("adapter_config.json")
                + " lacks peft_type: expected the method's name, for example \"LORA\"");
    }

    @Test
    void aConfigOfAnUnknownTypeIsRefused() throws IOException {
        config("{\"peft_type\": \"XX\"}");
        refused("No fine-tuning method is registered for peft_type \"XX\". Registered: [FAKE]. Add the jar that provides"
                + " it, or pass it to PeftMethods.of(...). (" + saved.resolve("adapter_config.json") + ")");
    }

    @Test
    void aConfigWithBadValuesIsRefused() throws IOException {
        config("{\"peft_type\": \"FAKE\", \"initial\": \"x\", \"target_modules\": 3}");
        refused("target_modules must be a list of module names or a regular expression, got 3; initial must be a number, got"
                + " \"x\" (" + saved.resolve("adapter_config.json") + ")");
    }

    @Test
    void aConfigThatAsksForMoreThanThereIsIsRefused() throws IOException {
        config("{\"peft_type\": \"FAKE\", \"fancy\": true}");
        refused(saved.resolve("adapter_config.json") + " sets fancy=true, which this version does not implement");
    }

    @Test
    void aFolderThatCannotBeListedIsNamed() {
        assertThatThrownBy(() -> AdapterStore.folders(folder.resolve("none")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("cannot read the folder " + folder.resolve("none"));
    }

    @Test
    void anAdapterCanBeWrittenWithoutAModelAround() throws IOException {
        PeftModel peft = attach(FakeConfig.of("q_proj"));
        AdapterStore.write(saved, "x", peft.adapter(), model.anatomy());
        assertThat(files(saved)).containsExactly("README.md", "x");
        try (SavedAdapter read = AdapterStore.open(saved.resolve("x"), FakeMethod.ALONE)) {
            assertThat(read.directory()).isEqualTo(saved.resolve("x"));
            assertThat(read.config().peftType()).isEqualTo("FAKE");
            read.loadInto(peft.adapter().parameters());
        }
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    /** Writes the saved tensors again, under other names or in another type, there all of value 1.5. */
    private void rewrite(UnaryOperator<String> names, StoredType type) throws IOException {
        Path file = saved.resolve("adapter_model.safetensors");
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : checkpoint.names()) {
                TensorInfo info = checkpoint.info(name);
                TensorInfo other =
                        new TensorInfo(names.apply(name), type == null ? info.type() : type, info.shape());
                tensors.add(TensorSource.of(other, type == null ? checkpoint.bytes(name) : filled(other)));
            }
            AtomicWrite.toFile(file, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
        }
    }

    private static ByteBuffer filled(TensorInfo info) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            switch (info.type()) {
                case BF16 -> bytes.putShort((short) 0x3fc0);
                case F16 -> bytes.putShort((short) 0x3e00);
                default -> bytes.putLong(3);
            }
        }
        return bytes.flip();
    }
}
