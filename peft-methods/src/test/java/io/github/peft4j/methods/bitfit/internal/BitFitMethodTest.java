package io.github.peft4j.methods.bitfit.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.bitfit.BitFitConfig;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BitFitMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return load(model, Precision.FLOAT32);
    }

    private Model<LanguageHead> load(ToyModel model, Precision precision) {
        return model.load(folder.resolve(model.name()), precision);
    }

    private static BitFitConfig.Builder of(String... names) {
        return BitFitConfig.builder().targetModules(names);
    }

    private static PeftModel<?> trained(Model<LanguageHead> base, PeftConfig config) {
        PeftModel<?> peft = PeftModel.attach(base, config);
        ToyTraining.train(peft, 4, 0.05);
        return peft;
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("BITFIT")).isInstanceOf(BitFitMethod.class);
        assertThat(PeftMethods.discovered().byName("bitfit")).isInstanceOf(BitFitMethod.class);
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        BitFitConfig config = new BitFitMethod().schema().read(Map.of(), "some.json");
        assertThat(config)
                .isEqualTo(BitFitConfig.builder().common(config.common()).build());
        assertThat(config.settings())
                .containsOnlyKeys(
                        "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "modules_to_save")
                .allSatisfy((key, value) -> assertThat(value).as(key).isNull());
    }

    @Test
    void settingsAsTypedAreRead() {
        BitFitConfig config = new BitFitMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of(
                                "target_modules", "q_proj,v_proj",
                                "exclude_modules", "layers.0.self_attn.q_proj",
                                "layers_to_transform", "0,1",
                                "layers_pattern", "layers",
                                "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(of("q_proj", "v_proj")
                        .excludeModules("layers.0.self_attn.q_proj")
                        .layersToTransform(0, 1)
                        .layersPattern(OneOrMany.one("layers"))
                        .build());
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void settingsThatDoNotGoTogetherAreNamedTogether() {
        assertThatThrownBy(() -> BitFitConfig.builder()
                        .targetModules(TargetModules.ofPattern(".*q_proj"))
                        .layersToTransform(1)
                        .layersPattern(OneOrMany.one("layers"))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("`layers_to_transform` cannot be used when `target_modules` is a str.; `layers_pattern`"
                        + " cannot be used when `target_modules` is a str.");
        assertThatThrownBy(() -> new BitFitMethod().schema().read(Map.of("layers_pattern", "layers"), "some.json"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("When `layers_pattern` is specified, `layers_to_transform` must also be specified. "
                        + " (some.json)");
    }

    @Test
    void aLayerThatCanHaveNoBiasIsRefusedAndTheModelIsAsBefore() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            for (String name : List.of("embed_tokens", "mlp")) {
                assertThatThrownBy(
                                () -> PeftModel.attach(base, of("q_proj", name).build()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(
                                "is not supported. Currently, only linear layers and norms can have a bias.");
            }
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void withoutTargetsTheLinearLayersOfTheBlocksAndTheNormsThatHaveBiasesAreTrained() {
        try (Model<LanguageHead> llama = load(ToyModel.LLAMA);
                Model<LanguageHead> gpt2 = load(ToyModel.GPT2)) {
            assertThat(PeftModel.attach(llama, BitFitConfig.builder().build())
                            .adapter()
                            .config()
                            .settings())
                    .containsEntry(
                            "target_modules",
                            List.of(
                                    "mlp.down_proj",
                                    "mlp.gate_proj",
                                    "mlp.up_proj",
                                    "self_attn.k_proj",
                                    "self_attn.o_proj",
                                    "self_attn.q_proj",
                                    "self_attn.v_proj"));
            assertThat(PeftModel.attach(gpt2, BitFitConfig.builder().build())
                            .adapter()
                            .config()
                            .settings())
                    .containsEntry(
                            "target_modules",
                            List.of("attn.c_attn", "attn.c_proj", "ln_1", "ln_2", "mlp.c_fc", "mlp.c_proj"));
        }
    }

    @ParameterizedTest
    @CsvSource({"q_proj, true, false", "down_proj, false, true"})
    void aMergedCheckpointHasZerosWhereTheConfigsKeyGivesOtherLayersBiasesToo(
            String name, boolean attention, boolean feedForward) throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Path target = folder.resolve("merged");
            trained(base, of(name).layersToTransform(1).build()).saveMerged(target);
            String config = Files.readString(target.resolve("config.json"));
            assertThat(config.contains("\"attention_bias\": true")).isEqualTo(attention);
            assertThat(config.contains("\"mlp_bias\": true")).isEqualTo(feedForward);
            try (SafetensorsFile file = SafetensorsFile.open(target.resolve("model.safetensors"));
                    Model<LanguageHead> plain = Models.load(target, Device.cpu(), Precision.FLOAT32)) {
                assertThat(file.names().stream().filter(key -> key.endsWith("bias")))
                        .hasSize(2 * (attention ? 4 : 3));
                assertClose("merged", ToyOutputs.logits(plain), ToyOutputs.logits(base), 1e-5);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MISTRAL, down_proj, a MistralForCausalLM checkpoint cannot hold biases of model.layers.0.mlp.down_proj and 1 other layers",
        "QWEN2, o_proj, a Qwen2ForCausalLM checkpoint cannot hold biases of model.layers.0.self_attn.o_proj and 1 other layers",
        "LLAMA, model.norm, a LlamaForCausalLM checkpoint cannot hold biases of model.norm: its architecture has none there",
    })
    void aCheckpointThatCannotHoldTheBiasesIsRefusedByName(ToyModel model, String name, String message) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(base, of(name).build());
            float[] adapted = ToyOutputs.logits(base);
            assertThat(peft.mergeActive().largest()).isPositive();
            assertSameBits("merged in memory", ToyOutputs.logits(base), adapted);
            Path target = folder.resolve("merged");
            assertThatThrownBy(() -> peft.saveMerged(target))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageStartingWith(message)
                    .hasMessageEndingWith("Keep the adapter apart, or train biases of other layers");
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void aBiasThatIsNotFiniteIsNotMerged() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft = PeftModel.attach(base, of("c_attn").build());
            Weight weight = peft.adapter().parameters().values().iterator().next();
            float[] values = ToyOutputs.values(weight);
            Arrays.fill(values, Float.POSITIVE_INFINITY);
            try (var array = base.scope().floats(values, values.length)) {
                weight.assign(array);
            }
            assertThatThrownBy(peft::mergeActive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("NaNs detected in the merged weights. The adapter default seems to be broken"
                            + " (transformer.h.0.attn.c_attn.bias)");
            assertThat(peft.status().adapters().get(0).merged()).isFalse();
        }
    }

    @Test
    void onABfloat16BaseWhatIsSavedAndLoadedIsFloat32ToTheBit(@TempDir Path saved) throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.BLOOM, Precision.BFLOAT16);
                Model<LanguageHead> other = load(ToyModel.BLOOM, Precision.BFLOAT16)) {
            PeftModel<?> peft = trained(base, BitFitConfig.builder().build());
            peft.save(saved);
            PeftModel<?> loaded = PeftModel.load(other, saved);
            Map<String, float[]> values = ToyOutputs.values(peft.adapter().parameters());
            ToyOutputs.values(loaded.adapter().parameters())
                    .forEach((key, again) -> assertSameBits(key, again, ToyOutputs.at(values, key)));
            assertSameBits("output", ToyOutputs.logits(other), ToyOutputs.logits(base));
            loaded.setTrainable(AttachContext.DEFAULT_NAME);
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            ToyTraining.train(peft, 1, 0.05);
            ToyTraining.train(loaded, 1, 0.05);
            assertSameBits("output after one more step", ToyOutputs.logits(other), ToyOutputs.logits(base));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "GPT2"})
    void besideLoraAndIa3ItMergesIntoTheSameLayers(ToyModel model) throws IOException {
        String[] names = model == ToyModel.LLAMA ? new String[] {"v_proj"} : new String[] {"c_attn"};
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(base, of(names).build());
            peft.add(
                    LoraConfig.builder(2, 4)
                            .targetModules(names)
                            .initLoraWeights(false)
                            .build(),
                    new AttachContext("lora", 1, true));
            peft.add(
                    Ia3Config.builder()
                            .targetModules(names)
                            .set(Ia3Config.INIT_IA3_WEIGHTS, false)
                            .build(),
                    new AttachContext("ia3", 2, true));
            peft.setActive("default", "lora", "ia3");
            peft.setTrainable("default");
            ToyTraining.train(peft, 4, 0.05);
            float[] all = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(base), all, 1e-5);
            peft.unmerge();
            assertSameBits("unmerged", ToyOutputs.logits(base), all);
            peft.saveMerged(folder.resolve("merged"));
            try (Model<LanguageHead> plain = Models.load(folder.resolve("merged"), Device.cpu(), Precision.FLOAT32)) {
                assertClose("checkpoint", ToyOutputs.logits(plain), all, 1e-5);
            }
            peft.unload();
            assertSameBits("without them", ToyOutputs.logits(base), before);
        }
    }

    @Test
    void onlyOneOfTwoThatTrainTheSameBiasIsActiveAtATime() {
        try (Model<LanguageHead> base = load(ToyModel.BLOOM)) {
            PeftModel<?> peft = PeftModel.attach(base, of("query_key_value").build());
            peft.add(of("query_key_value").build(), new AttachContext("second", 1, true));
            assertThatThrownBy(() -> peft.setActive("default", "second"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Only one adapter can be set at a time for");
            assertThatThrownBy(() -> peft.add(
                            LoraConfig.builder(2, 2)
                                    .bias(LayerSettings.Bias.ALL)
                                    .build(),
                            new AttachContext("lora", 1, true)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("LoraModel supports only 1 adapter with bias.");
        }
    }
}
