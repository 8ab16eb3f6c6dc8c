package io.github.peft4j.methods.lora.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.lora.GoldenCase;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LoraMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("LORA")).isInstanceOf(LoraMethod.class);
        assertThat(PeftMethods.discovered().byName("lora")).isInstanceOf(LoraMethod.class);
    }

    /** Configs that do not fit a model. */
    static Stream<Arguments> unfit() {
        LoraConfig.Builder builder = LoraConfig.builder(2, 2);
        return Stream.of(
                Arguments.of(
                        ToyModel.LLAMA,
                        LoraConfig.builder(2, 2).targetModules("mlp").build(),
                        "Target module model.layers.0.mlp (GatedMlp) is not supported. Currently, only linear layers,"
                                + " GPT-2's `Conv1D` among them, and `Embedding` layers are supported."),
                Arguments.of(
                        ToyModel.LLAMA,
                        builder.targetModules("q_proj", "embed_tokens")
                                .loraBias(true)
                                .build(),
                        "lora_bias=True is not supported for Embedding (model.embed_tokens)."),
                Arguments.of(
                        ToyModel.BLOOM,
                        LoraConfig.builder(4, 2)
                                .initLoraWeights("orthogonal")
                                .rankPattern(Map.of("h.1.self_attention.query_key_value", 3))
                                .build(),
                        "Orthogonal initialization requires the LoRA rank to be even, got 3 instead."),
                Arguments.of(
                        ToyModel.LLAMA,
                        LoraConfig.builder(2, 2).modulesToSave("proj").build(),
                        "modules_to_save also names model.layers.0.self_attn.q_proj, which is a target module"),
                Arguments.of(
                        ToyModel.GPT2,
                        LoraConfig.builder(2, 2).targetModules("q_proj").build(),
                        "Target modules {'q_proj'} not found in the base model."));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(ToyModel model, LoraConfig config, String message) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
            assertSameBits("output", ToyOutputs.logits(base), before);
        }
    }

    @Test
    void aSecondAdapterThatTrainsBiasesIsRefusedAndTheFirstStays() {
        try (Model<LanguageHead> base = load(ToyModel.BLOOM)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    LoraConfig.builder(2, 2).bias(LayerSettings.Bias.ADAPTED).build());
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            AttachContext second = new AttachContext("second", 1, true);
            LoraConfig config = LoraConfig.builder(2, 2)
                    .bias(LayerSettings.Bias.ALL)
                    .modulesToSave("ln_f")
                    .build();
            assertThatThrownBy(() -> peft.add(config, second))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("LoraModel supports only 1 adapter with bias. When using multiple adapters, set bias to"
                            + " 'none' for all adapters.");
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
            peft.add(LoraConfig.builder(2, 2).build(), second);
        }
    }

    @Test
    void ranksAndScalesFollowTheFirstPatternThatMatches() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    LoraConfig.builder(2, 4)
                            .rankPattern(Map.of("layers.1.*q_proj", 5))
                            .build());
            assertThat(peft.adapter().parameters())
                    .hasEntrySatisfying(
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                            weight -> assertThat(weight.shape().get(0)).isEqualTo(2))
                    .hasEntrySatisfying(
                            "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight",
                            weight -> assertThat(weight.shape().get(0)).isEqualTo(5));
        }
    }

    @Test
    void aRankBeyondTheLayersIsTheLayersInPissa() throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Model<LanguageHead> other = load(ToyModel.LLAMA)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(
                    base, LoraConfig.builder(40, 40).initLoraWeights("pissa").build());
            assertThat(peft.adapter()
                            .parameters()
                            .get("base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight")
                            .shape()
                            .getShape())
                    .containsExactly(8, 8);
            io.github.peft4j.testkit.internal.ArrayAssertions.assertClose(
                    "output", ToyOutputs.logits(base), before, 1e-5);
            peft.save(folder.resolve("saved"));
            PeftModel.load(other, folder.resolve("saved"));
            assertSameBits("loaded", ToyOutputs.logits(other), ToyOutputs.logits(base));
        }
    }

    /** The tied weight of the loaded file counts in both layers, as in Python, and goes with the adapter. */
    @Test
    void anAdapterThatBringsItsOwnEmbeddingsUsesThemWhileItIsThere() throws IOException {
        GoldenCase given = new GoldenCase("qwen2-tied-embedding");
        Path changed = Files.createDirectory(folder.resolve("changed"));
        Files.copy(given.folder().resolve(AdapterStore.CONFIG), changed.resolve(AdapterStore.CONFIG));
        rewrite(given.folder().resolve(AdapterStore.WEIGHTS), changed.resolve(AdapterStore.WEIGHTS));
        try (Model<LanguageHead> base = given.base();
                Model<LanguageHead> same = given.base()) {
            float[] before = ToyOutputs.logits(base);
            PeftModel.load(same, given.folder());
            PeftModel<?> peft = PeftModel.load(base, changed);
            io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers(
                    "output", ToyOutputs.logits(base), ToyOutputs.logits(same));
            peft.delete("default");
            assertSameBits("output without it", ToyOutputs.logits(base), before);
        }
    }

    /** Copies a file with the embeddings doubled. */
    private static void rewrite(Path from, Path to) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(from);
                GoldenTensors values = GoldenTensors.open(from)) {
            List<TensorSource> tensors = new ArrayList<>();
            for (String name : file.names()) {
                float[] floats = values.floats(name);
                ByteBuffer bytes = ByteBuffer.allocate(4 * floats.length).order(ByteOrder.LITTLE_ENDIAN);
                for (float value : floats) {
                    bytes.putFloat(name.contains("base_layer") ? 2 * value : value);
                }
                tensors.add(TensorSource.of(file.info(name), bytes.flip()));
            }
            SafetensorsWriter.write(to, Map.of("format", "pt"), tensors);
        }
    }

    @Test
    void aFileThatDoesNotFitIsRefusedAndTheModelIsAsBefore() {
        GoldenCase given = new GoldenCase("llama-plain");
        try (Model<LanguageHead> base = load(ToyModel.BLOOM)) {
            Map<String, ?> modules = base.modulesByPath();
            assertThatThrownBy(() -> PeftModel.load(base, given.folder()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("not found in the base model");
            assertThat(base.modulesByPath()).isEqualTo(modules);
        }
    }

    @Test
    void frozenItComputesNoGradients() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, LoraConfig.builder(2, 4).build());
            peft.setTrainable();
            ToyTraining.gradients(base, ToyTraining.rows(), false);
            assertThat(peft.adapter().trainable().values()).allMatch(weight -> weight.gradient() == null);
        }
    }

    @Test
    void onlyTheFactorThatIsTrainableGetsAGradient() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    LoraConfig.builder(2, 4)
                            .targetModules("q_proj", "embed_tokens")
                            .useDora(true)
                            .initLoraWeights(false)
                            .build());
            for (String wanted : List.of("lora_A", "lora_B", "embedding_A", "embedding_B", "magnitude")) {
                Map<String, Weight> weights = peft.adapter().trainable();
                weights.forEach((key, weight) -> weight.setTrainable(key.contains(wanted)));
                ToyTraining.gradients(base, ToyTraining.rows(), false);
                weights.forEach((key, weight) ->
                        assertThat(weight.gradient() != null).as(key).isEqualTo(key.contains(wanted)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"8, 16, false, 2.0", "4, 6, true, 3.0", "16, 8, false, 0.5"})
    void theScaleIsAlphaOverTheRankOrItsRoot(int rank, double alpha, boolean stabilized, double scale) {
        LoraConfig config = LoraConfig.builder(1, 1).useRslora(stabilized).build();
        assertThat(LoraLayers.scale(config, alpha, rank)).isEqualTo(scale);
    }
}
