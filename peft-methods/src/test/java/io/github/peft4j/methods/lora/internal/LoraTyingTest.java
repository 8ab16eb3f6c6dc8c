package io.github.peft4j.methods.lora.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An embedding and the output layer that is tied to it, trained together. */
class LoraTyingTest {

    private static final String PREFIX = "base_model.model.";

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return load(model, Precision.FLOAT32);
    }

    private Model<LanguageHead> load(ToyModel model, Precision precision) {
        return model.load(folder.resolve(model.name()), precision);
    }

    private static LoraConfig.Builder tied(String... targets) {
        return LoraConfig.builder(2, 4).targetModules(targets).ensureWeightTying(true);
    }

    private static float[] transposed(Adapter adapter, String key) {
        Weight weight = adapter.parameters().get(PREFIX + key);
        Kernels k = weight.scope().kernels();
        return k.toFloats(k.contiguous(k.transpose(weight.array())));
    }

    private static float[] values(Adapter adapter, String key) {
        return ToyOutputs.values(adapter.parameters().get(PREFIX + key));
    }

    private static void assertTied(Adapter adapter, String embedding) {
        assertSameBits(
                "A of the output layer",
                values(adapter, "lm_head.lora_A.weight"),
                transposed(adapter, embedding + ".lora_embedding_B"));
        assertSameBits(
                "B of the output layer",
                values(adapter, "lm_head.lora_B.weight"),
                transposed(adapter, embedding + ".lora_embedding_A"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "gaussian", "false"})
    void updatesBeginTiedAndStaySo(String init) throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(
                    base, tied("lm_head", "q_proj").initLoraWeights(init).build());
            assertTied(peft.adapter(), "model.embed_tokens");
            if (init.equals("false")) {
                assertDiffers("fresh", ToyOutputs.logits(base), before);
            } else {
                assertSameBits("fresh", ToyOutputs.logits(base), before);
            }
            ToyTraining.train(peft, 4, 0.05);
            assertTied(peft.adapter(), "model.embed_tokens");
            float[] trained = ToyOutputs.logits(base);
            assertDiffers("trained", trained, before);
            peft.save(folder.resolve("saved"));
            peft.unload();
            assertSameBits("unloaded", ToyOutputs.logits(base), before);
            PeftModel<?> again = PeftModel.load(base, folder.resolve("saved"));
            assertSameBits("loaded", ToyOutputs.logits(base), trained);
            again.setTrainable("default");
            ToyTraining.train(again, 3, 0.05);
            assertTied(again.adapter(), "model.embed_tokens");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"QWEN2", "LLAMA_TIED", "GPT2", "BLOOM"})
    void aMergedCheckpointStaysTied(ToyModel model) throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = PeftModel.attach(base, tied("lm_head").build());
            ToyTraining.train(peft, 3, 0.05);
            float[] adapted = ToyOutputs.logits(base);
            peft.saveMerged(merged);
            try (SafetensorsFile file = SafetensorsFile.open(merged.resolve("model.safetensors"));
                    Model<LanguageHead> plain = Models.load(merged, Device.cpu(), Precision.FLOAT32)) {
                assertThat(file.names()).doesNotContain("lm_head.weight");
                assertClose("merged", ToyOutputs.logits(plain), adapted, 1e-5);
            }
        }
    }

    @Test
    void aMergedCheckpointOfTiedCopiesStaysTied() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, tied("c_attn").modulesToSave("lm_head").build());
            assertThat(peft.parameterReport().trainable()).isEqualTo(2 * (2 * 16 + 48 * 2) + 48L * 16);
            ToyTraining.train(peft, 3, 0.05);
            float[] adapted = ToyOutputs.logits(base);
            peft.saveMerged(merged);
            try (SafetensorsFile file = SafetensorsFile.open(merged.resolve("model.safetensors"));
                    Model<LanguageHead> plain = Models.load(merged, Device.cpu(), Precision.FLOAT32)) {
                assertThat(file.names()).doesNotContain("lm_head.weight");
                assertClose("merged", ToyOutputs.logits(plain), adapted, 1e-5);
            }
        }
    }

    private static LoraConfig attached(Model<LanguageHead> base, LoraConfig config) {
        PeftModel<?> peft = PeftModel.attach(base, config);
        LoraConfig saved = (LoraConfig) peft.adapter().config();
        peft.unload();
        return saved;
    }

    @Test
    void theEmbeddingIsNamedInPlaceOfTheOutputLayer() {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            assertThat(attached(base, tied("lm_head", "q_proj").build()).targetModules())
                    .isEqualTo(TargetModules.named("q_proj", "model.embed_tokens"));
            assertThat(attached(
                                    base,
                                    LoraConfig.builder(2, 4)
                                            .targetModules(TargetModules.ofPattern("lm_head|.*q_proj"))
                                            .ensureWeightTying(true)
                                            .build())
                            .targetModules())
                    .isEqualTo(TargetModules.ofPattern("(?:lm_head|.*q_proj|^model\\.embed_tokens$)"));
            assertThat(attached(
                                    base,
                                    tied("q_proj")
                                            .modulesToSave("embed_tokens", "lm_head", "norm")
                                            .build())
                            .modulesToSave())
                    .containsExactly("embed_tokens", "norm", "model.embed_tokens");
        }
    }

    @Test
    void whereTheEmbeddingsNameDoesNotCountTheOutputLayersStays() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            assertThat(attached(base, tied("lm_head", "c_attn").build()).targetModules())
                    .isEqualTo(TargetModules.named("c_attn", "transformer.wte", "lm_head"));
            LoraConfig copies =
                    attached(base, tied("c_attn").modulesToSave("lm_head").build());
            assertThat(copies.modulesToSave()).containsExactly("transformer.wte", "lm_head");
            assertThat(attached(base, copies).modulesToSave()).containsExactly("transformer.wte", "lm_head");
            assertThat(attached(base, tied("c_attn").modulesToSave("wte").build())
                            .modulesToSave())
                    .containsExactly("wte");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q_proj", "lm_head"})
    void whereNothingIsTiedTheSettingChangesNothing(String target) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, tied(target, "v_proj").build());
            assertThat(((LoraConfig) peft.adapter().config()).targetModules())
                    .isEqualTo(TargetModules.named(target, "v_proj"));
            assertThat(peft.adapter().parameters().keySet()).noneMatch(key -> key.contains("embed_tokens"));
        }
    }

    @Test
    void anOutputLayerThatBeginsInAWayOfItsOwnIsNotTied() {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, tied("lm_head").initLoraWeights("pissa").build());
            ToyTraining.train(peft, 2, 0.05);
            assertDiffers(
                    "A",
                    values(peft.adapter(), "lm_head.lora_A.weight"),
                    transposed(peft.adapter(), "model.embed_tokens.lora_embedding_B"));
        }
    }

    @Test
    void whatCannotBeTiedIsRefused() {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            assertThatThrownBy(() -> PeftModel.attach(
                            base, tied("lm_head").modulesToSave("embed_tokens").build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ensure_weight_tying lets lm_head share the copy of model.embed_tokens");
            assertThatThrownBy(() -> PeftModel.attach(
                            base,
                            tied("lm_head", "q_proj")
                                    .excludeModules("embed_tokens")
                                    .build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ensure_weight_tying needs model.embed_tokens among the target modules");
        }
    }

    /** Gives the output layer of a saved adapter other factors than the embedding's. */
    private static void untie(Path adapter) throws IOException {
        Path file = adapter.resolve(AdapterStore.WEIGHTS);
        List<TensorSource> tensors = new ArrayList<>();
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            for (String name : saved.names()) {
                ByteBuffer old = saved.bytes(name).order(ByteOrder.LITTLE_ENDIAN);
                ByteBuffer bytes = ByteBuffer.allocate(old.remaining()).order(ByteOrder.LITTLE_ENDIAN);
                while (old.hasRemaining()) {
                    bytes.putFloat(old.getFloat() * (name.contains("lm_head") ? 2 : 1));
                }
                tensors.add(TensorSource.of(saved.info(name), bytes.flip()));
            }
        }
        SafetensorsWriter.write(file, Map.of("format", "pt"), tensors);
    }

    @Test
    void ofTwoValuesTheOutputLayersCountsAndIn16BitsBothStay() throws IOException {
        Path saved = folder.resolve("saved");
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel.attach(base, tied("lm_head").initLoraWeights(false).build())
                    .save(saved);
        }
        untie(saved);
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.load(base, saved);
            assertTied(peft.adapter(), "model.embed_tokens");
            try (SafetensorsFile file = SafetensorsFile.open(saved.resolve(AdapterStore.WEIGHTS))) {
                ByteBuffer bytes = file.bytes(PREFIX + "lm_head.lora_A.weight").order(ByteOrder.LITTLE_ENDIAN);
                float[] values = new float[2 * 16];
                bytes.asFloatBuffer().get(values);
                assertSameBits("A", values(peft.adapter(), "lm_head.lora_A.weight"), values);
            }
        }
        try (Model<LanguageHead> base = load(ToyModel.QWEN2, Precision.BFLOAT16)) {
            PeftModel<?> peft = PeftModel.load(base, saved);
            assertDiffers(
                    "A",
                    values(peft.adapter(), "lm_head.lora_A.weight"),
                    transposed(peft.adapter(), "model.embed_tokens.lora_embedding_B"));
        }
    }

    @Test
    void tiedAdaptersAreCombinedAndSwapped() throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            LoraConfig config = tied("lm_head", "q_proj").initLoraWeights(false).build();
            PeftModel<?> peft = PeftModel.attach(base, config, new AttachContext("a", 0, true));
            peft.add(config, new AttachContext("b", 1, true));
            peft.add(LoraConfig.builder(2, 4).targetModules("lm_head").build(), new AttachContext("untied", 2, true));
            peft.setActive("a", "b");
            float[] together = ToyOutputs.logits(base);
            for (Combination how : List.of(Combination.cat(), Combination.svd().withSvdRank(4))) {
                peft.combine("both", Map.of("a", 1.0, "b", 1.0), how);
                peft.setActive("both");
                assertClose(how.type(), ToyOutputs.logits(base), together, 1e-4);
                assertTied(peft.adapter("both"), "model.embed_tokens");
                peft.delete("both");
            }
            assertThatThrownBy(() -> peft.combine("x", Map.of("a", 1.0, "untied", 1.0), Combination.cat()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("only some keep tied layers tied by ensure_weight_tying: [a]");
            peft.setActive("b");
            float[] b = ToyOutputs.logits(base);
            peft.save(folder.resolve("saved"), List.of("b"));
            peft.swap(folder.resolve("saved").resolve("b"), "a");
            peft.setActive("a");
            assertSameBits("swapped", ToyOutputs.logits(base), b);
            assertTied(peft.adapter("a"), "model.embed_tokens");
        }
    }
}
