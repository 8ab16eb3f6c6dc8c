package io.github.peft4j.methods.bottleneck.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.bottleneck.BottleneckConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BottleneckMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static BottleneckConfig read(Map<String, ?> values) {
        return new BottleneckMethod().schema().read(values, "some.json");
    }

    private static BottleneckConfig busy() {
        return BottleneckConfig.builder()
                .set(BottleneckConfig.BOTTLENECK_SIZE, 4)
                .set(BottleneckConfig.INIT_WEIGHTS, false)
                .build();
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("BOTTLENECK")).isInstanceOf(BottleneckMethod.class);
        assertThat(PeftMethods.discovered().byName("bottleneck")).isInstanceOf(BottleneckMethod.class);
    }

    @Test
    void withoutASizeTheWaistIsSixteenTimesNarrower() {
        CommonSettings common = read(Map.of()).common();
        assertThat(read(Map.of()))
                .isEqualTo(BottleneckConfig.builder()
                        .common(common)
                        .set(BottleneckConfig.REDUCTION_FACTOR, 16)
                        .build())
                .isEqualTo(BottleneckConfig.builder().common(common).build());
        assertThat(read(Map.of("bottleneck_size", 8)))
                .isEqualTo(BottleneckConfig.builder()
                        .common(common)
                        .set(BottleneckConfig.BOTTLENECK_SIZE, 8)
                        .build());
    }

    @Test
    void settingsAsTypedAreReadAndWrittenAgain() {
        BottleneckConfig config = new BottleneckMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of(
                                "variant", "pfeiffer",
                                "reduction_factor", "8",
                                "non_linearity", "gelu_new",
                                "init_weights", "false",
                                "modules_to_save", "lm_head",
                                "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(BottleneckConfig.builder()
                        .set(BottleneckConfig.REDUCTION_FACTOR, 8)
                        .set(BottleneckConfig.VARIANT, BottleneckConfig.Variant.PFEIFFER)
                        .set(BottleneckConfig.NON_LINEARITY, "gelu_new")
                        .set(BottleneckConfig.INIT_WEIGHTS, false)
                        .modulesToSave("lm_head")
                        .build());
        assertThat(AdapterStore.json(config))
                .contains(
                        "\"variant\": \"pfeiffer\"",
                        "\"reduction_factor\": 8,",
                        "\"non_linearity\": \"gelu_new\"",
                        "\"bottleneck_size\": null",
                        "\"init_weights\": false");
    }

    /** Settings that are wrong. */
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(
                        Map.of("bottleneck_size", 2, "reduction_factor", 4),
                        "exactly one of bottleneck_size and reduction_factor must be given, got 2 and 4 (some.json)"),
                Arguments.of(Map.of("bottleneck_size", 0), "bottleneck_size must be at least 1, got 0 (some.json)"),
                Arguments.of(
                        Map.of("reduction_factor", -2), "reduction_factor must be greater than 0, got -2 (some.json)"),
                Arguments.of(
                        Map.of("non_linearity", "step"),
                        "non_linearity: unknown activation function \"step\": expected one of [gelu, gelu_10,"
                                + " gelu_accurate, gelu_fast, gelu_new, gelu_python, gelu_python_tanh,"
                                + " gelu_pytorch_tanh, hardswish, laplace, leaky_relu, linear, mish, quick_gelu, relu,"
                                + " relu2, relu6, sigmoid, silu, sqrtsoftplus, swish, tanh] (some.json)"),
                Arguments.of(
                        Map.of("variant", "parallel"),
                        "variant must be one of [HOULSBY, PFEIFFER], got \"parallel\" (some.json)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void settingsThatAreWrongAreRefused(Map<String, Object> values, String message) {
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"576, 16, 36", "576, 1000, 1", "100, 0.5, 200", "10, 3, 3"})
    void theWaistIsRoundedDownButNotToNothing(long width, double factor, int size) {
        assertThat(BottleneckMethod.waist(
                        BottleneckConfig.builder()
                                .set(BottleneckConfig.REDUCTION_FACTOR, factor)
                                .build(),
                        width))
                .isEqualTo(size);
    }

    @Test
    void aWaistThatIsWiderThanAnyArrayIsRefused() {
        assertThatThrownBy(() -> BottleneckMethod.waist(
                        BottleneckConfig.builder()
                                .set(BottleneckConfig.REDUCTION_FACTOR, 1e-178)
                                .build(),
                        16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("reduction_factor 1.0E-178 is too small: the adapter of a layer of width 16 would have a"
                        + " width of 1.6E179");
    }

    @Test
    void aLayerThatIsAlsoTrainedWholeIsRefusedAndTheModelIsAsBefore() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Map<String, ?> modules = base.modulesByPath();
            BottleneckConfig config = BottleneckConfig.builder()
                    .set(BottleneckConfig.BOTTLENECK_SIZE, 2)
                    .modulesToSave("down_proj")
                    .build();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("modules_to_save also names model.layers.0.mlp.down_proj");
            assertThat(base.modulesByPath()).isEqualTo(modules);
        }
    }

    /** LoRA under it is merged at any time, LoRA around it only while it is off. */
    @Test
    void loraOfTheSameLayersWorksUnderItAndAroundIt() {
        LoraConfig lora = LoraConfig.builder(2, 4)
                .targetModules("o_proj", "down_proj")
                .initLoraWeights(false)
                .build();
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, lora);
            peft.add(busy(), new AttachContext("waist", 4, true));
            peft.add(lora, new AttachContext("around", 5, true));
            peft.setActive("default", "waist", "around");
            float[] all = ToyOutputs.logits(base);
            peft.setActive("default", "waist");
            float[] two = ToyOutputs.logits(base);
            assertDiffers("with the third", all, two);
            peft.adapter("default").mergeable().orElseThrow().merge();
            assertClose("with LoRA merged", ToyOutputs.logits(base), two, 1e-5);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
            peft.adapter("default").mergeable().orElseThrow().unmerge();
            peft.setActive("default", "waist", "around");
            Adapter.Mergeable around = peft.adapter("around").mergeable().orElseThrow();
            assertThatThrownBy(around::merge)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("under a BottleneckLayer");
            assertSameBits("after the refusal", ToyOutputs.logits(base), all);
        }
    }

    @Test
    void onlyWhatIsTrainableGetsAGradient() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft = PeftModel.attach(base, busy());
            for (String wanted : List.of("down.weight", "down.bias", "up.weight", "up.bias", "nothing")) {
                Map<String, Weight> weights = peft.adapter().trainable();
                weights.forEach((key, weight) -> weight.setTrainable(key.endsWith(wanted)));
                ToyTraining.gradients(base, ToyTraining.rows(), false);
                weights.forEach((key, weight) ->
                        assertThat(weight.gradient() != null).as(key).isEqualTo(key.endsWith(wanted)));
            }
        }
    }
}
