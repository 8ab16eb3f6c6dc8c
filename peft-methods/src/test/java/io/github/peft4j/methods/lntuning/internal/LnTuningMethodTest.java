package io.github.peft4j.methods.lntuning.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.lntuning.LnTuningConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
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
import org.junit.jupiter.params.provider.MethodSource;

class LnTuningMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("LN_TUNING")).isInstanceOf(LnTuningMethod.class);
        assertThat(PeftMethods.discovered().byName("ln-tuning")).isInstanceOf(LnTuningMethod.class);
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() {
        LnTuningConfig config = new LnTuningMethod().schema().read(Map.of(), "some.json");
        assertThat(config)
                .isEqualTo(LnTuningConfig.builder().common(config.common()).build());
        assertThat(config.settings())
                .containsOnlyKeys("target_modules", "exclude_modules", "modules_to_save")
                .allSatisfy((key, value) -> assertThat(value).as(key).isNull());
    }

    @Test
    void settingsAsTypedAreReadAndBadOnesNamed() {
        LnTuningConfig config = new LnTuningMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of(
                                "target_modules", "norm",
                                "exclude_modules", "model.norm",
                                "modules_to_save", "lm_head",
                                "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(LnTuningConfig.builder()
                        .targetModules("norm")
                        .excludeModules("model.norm")
                        .modulesToSave("lm_head")
                        .build());
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThatThrownBy(() -> new LnTuningMethod().schema().read(Map.of("target_modules", 1), "some.json"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("target_modules")
                .hasMessageContaining("some.json");
    }

    /** Configs that do not fit a model. */
    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of(
                        LnTuningConfig.builder().targetModules("mlp").build(),
                        "Target module model.layers.0.mlp (GatedMlp) is not supported. Currently, only single layers are"
                                + " supported: norms, linear layers and embeddings."),
                Arguments.of(
                        LnTuningConfig.builder().targetModules("ln_1").build(),
                        "Target modules {'ln_1'} not found in the base model."),
                Arguments.of(
                        LnTuningConfig.builder()
                                .targetModules(TargetModules.ofPattern(".*norm"))
                                .modulesToSave("l.norm")
                                .build(),
                        "modules_to_save also names model.norm, which is a target module"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(LnTuningConfig config, String message) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void onlyOneIsActiveAtATimeButOtherMethodsMayBeBesideIt() {
        try (Model<LanguageHead> base = load(ToyModel.BLOOM)) {
            PeftModel<?> peft = PeftModel.attach(base, LnTuningConfig.builder().build());
            peft.add(LnTuningConfig.builder().build(), new AttachContext("second", 1, true));
            assertThatThrownBy(() -> peft.setActive("default", "second"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Only one adapter can be set at a time for");
            peft.add(LoraConfig.builder(2, 4).initLoraWeights(false).build(), new AttachContext("lora", 1, true));
            peft.setActive("default", "lora");
            peft.setTrainable("default", "lora");
            ToyTraining.train(peft, 3, 0.02);
            float[] both = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(base), both, 1e-5);
            assertThat(peft.active()).isEqualTo(List.of("default", "lora"));
        }
    }
}
