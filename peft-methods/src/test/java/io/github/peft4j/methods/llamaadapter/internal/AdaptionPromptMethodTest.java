package io.github.peft4j.methods.llamaadapter.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AdaptionPromptMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static AdaptionPromptConfig read(Map<String, ?> values) {
        return new AdaptionPromptMethod().schema().read(values, "some.json");
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("ADAPTION_PROMPT")).isInstanceOf(AdaptionPromptMethod.class);
        assertThat(PeftMethods.discovered().byName("llama-adapter")).isInstanceOf(AdaptionPromptMethod.class);
    }

    @Test
    void settingsAsTypedAreRead() {
        AdaptionPromptConfig config = new AdaptionPromptMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of("adapter_len", "10", "adapter_layers", "30", "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(AdaptionPromptConfig.builder(10, 30).build());
        assertThat(config.toBuilder().targetModules("attn").build().settings())
                .containsEntry("target_modules", "attn")
                .containsEntry("adapter_len", 10)
                .containsEntry("adapter_layers", 30);
    }

    /** Settings that are wrong. */
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(
                        Map.of(),
                        "adapter_len is missing: set it to the number of trained tokens of each block, for example 10;"
                                + " adapter_layers is missing: set it to the number of blocks to adapt, counted from the"
                                + " top (some.json)"),
                Arguments.of(
                        Map.of("adapter_len", 0, "adapter_layers", -1),
                        "adapter_len must be at least 1, got 0; adapter_layers must be at least 1, got -1 (some.json)"),
                Arguments.of(
                        Map.of("adapter_len", "few", "adapter_layers", 1),
                        "adapter_len must be a whole number, got \"few\" (some.json)"),
                Arguments.of(
                        Map.of("adapter_len", 2, "adapter_layers", 1, "target_modules", " "),
                        "target_modules must be the name of the attention modules or null, got an empty one (some.json)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void settingsThatAreWrongAreRefusedAtOnce(Map<String, Object> values, String message) {
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    /** Settings that do not fit a model. */
    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of(
                        AdaptionPromptConfig.builder(2, 5).build(),
                        "Config specifies more adapter layers '5' than the model has '2'."),
                Arguments.of(
                        AdaptionPromptConfig.builder(2, 1).targetModules("attn").build(),
                        "Config specifies more adapter layers '1' than the model has '0'. No module's name is attn."),
                Arguments.of(
                        AdaptionPromptConfig.builder(2, 1).targetModules("mlp").build(),
                        "target_modules names model.layers.0.mlp, a GatedMlp: adaption prompts need attention modules"));
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(AdaptionPromptConfig config, String message) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    private static void open(PeftModel<?> peft, String name) {
        peft.adapter(name).parameters().forEach((key, weight) -> {
            if (key.endsWith("gate")) {
                try (var gate = weight.scope().floats(new float[] {0.7f}, 1)) {
                    weight.assign(gate);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2", "BLOOM", "GPT2"})
    void loraBesideItTrainsAndTheTokensGoThroughIt(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft =
                    PeftModel.attach(base, AdaptionPromptConfig.builder(3, 2).build());
            open(peft, "default");
            float[] alone = ToyOutputs.logits(base);
            peft.add(LoraConfig.builder(2, 4).initLoraWeights(false).build(), new AttachContext("lora", 3, true));
            peft.setActive("default", "lora");
            float[] both = ToyOutputs.logits(base);
            assertDiffers("with both", both, alone);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
            peft.setTrainable("default", "lora");
            ToyTraining.gradients(base, ToyTraining.rows(), false);
            Map<String, Weight> weights =
                    new java.util.HashMap<>(peft.adapter("lora").trainable());
            weights.putAll(peft.adapter("default").trainable());
            assertThat(weights.values()).allMatch(weight -> weight.gradient() != null);
            peft.adapter("lora").mergeable().orElseThrow().merge();
            assertClose("with LoRA merged", ToyOutputs.logits(base), both, 1e-5);
            peft.adapter("lora").mergeable().orElseThrow().unmerge();
            peft.setActive("default");
            assertSameBits("alone again", ToyOutputs.logits(base), alone);
        }
    }

    @Test
    void twoActiveOnesAddUp() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft =
                    PeftModel.attach(base, AdaptionPromptConfig.builder(3, 1).build());
            open(peft, "default");
            float[] plain = peft.withoutAdapters(() -> ToyOutputs.logits(base));
            float[] first = ToyOutputs.logits(base);
            peft.add(AdaptionPromptConfig.builder(2, 1).build(), new AttachContext("second", 5, true));
            open(peft, "second");
            peft.setActive("second", "default");
            assertDiffers("both beside the first", ToyOutputs.logits(base), first);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
            peft.unload();
            assertSameBits("the base model", ToyOutputs.logits(base), plain);
        }
    }

    @Test
    void onlyWhatIsTrainableGetsAGradient() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft =
                    PeftModel.attach(base, AdaptionPromptConfig.builder(3, 2).build());
            open(peft, "default");
            for (String wanted : List.of("prompt", "gate", "none")) {
                Map<String, Weight> weights = peft.adapter().trainable();
                weights.forEach((key, weight) -> weight.setTrainable(key.endsWith(wanted)));
                ToyTraining.gradients(base, ToyTraining.rows(), false);
                weights.forEach((key, weight) ->
                        assertThat(weight.gradient() != null).as(key).isEqualTo(key.endsWith(wanted)));
            }
        }
    }

    @Test
    void whereTheOutputProjectionHasABiasAFreshOneAddsItOnceMoreAsInPython() throws IOException {
        Path biased = Path.of("src/test/resources/golden/llamaadapter/base/biased");
        try (Model<LanguageHead> base = Models.load(biased, Device.cpu(), Precision.FLOAT32)) {
            float[] plain = ToyOutputs.logits(base);
            PeftModel<?> peft =
                    PeftModel.attach(base, AdaptionPromptConfig.builder(3, 1).build());
            float[] fresh = ToyOutputs.logits(base);
            assertDiffers("with a fresh adapter", fresh, plain);
            assertSameBits("without it", peft.withoutAdapters(() -> ToyOutputs.logits(base)), plain);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
            Linear output = (Linear) BaseModules.of(base).base("model.layers.1.self_attn.o_proj");
            Weight bias = Objects.requireNonNull(output.bias());
            try (var twice = base.scope().kernels().scale(bias.array(), 2)) {
                bias.assign(twice);
            }
            assertClose(
                    "the base model with twice the bias",
                    peft.withoutAdapters(() -> ToyOutputs.logits(base)),
                    fresh,
                    1e-6);
        }
    }

    @Test
    void itSitsAroundTheUppermostAttentionModules() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel.attach(base, AdaptionPromptConfig.builder(3, 1).build());
            BaseModules modules = BaseModules.of(base);
            assertThat(modules.outermost("model.layers.1.self_attn")).isInstanceOf(AdaptedAttention.class);
            assertThat(modules.outermost("model.layers.0.self_attn"))
                    .isSameAs(modules.base("model.layers.0.self_attn"));
        }
    }
}
