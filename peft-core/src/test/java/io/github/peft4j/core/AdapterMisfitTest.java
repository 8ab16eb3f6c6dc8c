package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Adapter folders that are refused. */
final class AdapterMisfitTest extends AdapterFolderFixture {

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
                .hasMessageStartingWith(
                        "the adapter in " + saved + " does not fit the model (32 problems): unexpected x10; ")
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
                + " stands there twice, as " + KEY.formatted(0) + " and as "
                + KEY.formatted(0).substring(17));
    }

    @Test
    void valuesOfAnAdapterUnderAnyNameAreItsOwn() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj"));
        rewrite(name -> name + ".mine", null);
        open();
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void ofSeveralAdaptersInAFileTheOneOfItsNameIsMeant() throws IOException {
        float[] adapted = save(FakeConfig.of("q_proj"));
        try (Checkpoint file = Checkpoint.open(saved.resolve("adapter_model.safetensors"))) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : file.names()) {
                tensors.add(named(file, name, name + ".mine"));
                tensors.add(Toy.tensor(name + ".other", List.of(16L), new float[16]));
            }
            AtomicWrite.toFile(
                    saved.resolve("adapter_model.safetensors"),
                    channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
        }
        refused(
                "the adapter in " + saved + " does not fit the model (1 problem): it holds values of several adapters,"
                        + " [mine, other], and none of the name 'default' that it is loaded under: load it under one of theirs");
        PeftModel.of(model, FakeMethod.ALONE).load(saved, "mine");
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    private static TensorSource named(Checkpoint file, String from, String to) throws IOException {
        TensorInfo info = file.info(from);
        return TensorSource.of(new TensorInfo(to, info.type(), info.shape()), file.bytes(from));
    }

    @Test
    void copiesOfATrainedLayerMustAgree() throws IOException {
        save(FakeConfig.of("q_proj").saving("lm_head"));
        String head = "base_model.model.lm_head.%sweight";
        try (Checkpoint file = Checkpoint.open(saved.resolve("adapter_model.safetensors"))) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : file.names()) {
                tensors.add(named(file, name, name));
            }
            TensorInfo info = file.info(head.formatted(""));
            tensors.add(named(file, head.formatted(""), head.formatted("modules_to_save.default.")));
            tensors.add(
                    Toy.tensor(head.formatted("original_module."), info.shape(), new float[(int) info.elementCount()]));
            Path both = saved.resolve("adapter_model.safetensors");
            AtomicWrite.toFile(both, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
            open().unload();
            tensors.set(
                    tensors.size() - 2,
                    Toy.tensor(head.formatted("modules_to_save."), info.shape(), new float[(int) info.elementCount()]));
            AtomicWrite.toFile(both, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
        }
        refused("the adapter in " + saved + " does not fit the model (1 problem): "
                + head.formatted("modules_to_save.") + " and " + head.formatted("")
                + " differ: one of them is not what was trained");
    }

    @Test
    void numbersThatModelsDoNotComputeInAreRefused() throws IOException {
        save(FakeConfig.of("q_proj"));
        rewrite(UnaryOperator.identity(), StoredType.I64);
        refused("the adapter in " + saved + " does not fit the model (2 problems): " + KEY.formatted(0)
                + " is stored as I64, expected F64, F32, F16 or BF16; " + KEY.formatted(1)
                + " is stored as I64, expected F64, F32, F16 or BF16");
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
        assertThatThrownBy(() -> PeftModel.load(model, saved, PeftMethods.of(failing)))
                .hasMessage("too late");
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
        refused(
                "No fine-tuning method is registered for peft_type \"XX\". Registered: [FAKE]. In a program of your own,"
                        + " put the jar that provides it on the class path, or pass it to PeftMethods.of(...). ("
                        + saved.resolve("adapter_config.json") + ")");
    }

    @Test
    void aConfigWithBadValuesIsRefused() throws IOException {
        config("{\"peft_type\": \"FAKE\", \"initial\": \"x\", \"target_modules\": 3}");
        refused(
                "target_modules must be a list of module names or a regular expression, got 3; initial must be a number, got"
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
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        AdapterStore.write(saved, "x", peft.adapter(), model.anatomy());
        assertThat(files(saved)).containsExactly("README.md", "x");
        try (SavedAdapter read = AdapterStore.open(saved.resolve("x"), FakeMethod.ALONE)) {
            assertThat(read.directory()).isEqualTo(saved.resolve("x"));
            assertThat(read.config().peftType()).isEqualTo("FAKE");
            read.loadInto(peft.adapter().parameters());
        }
        assertThat(Toy.logits(model)).containsExactly(base);
    }
}
