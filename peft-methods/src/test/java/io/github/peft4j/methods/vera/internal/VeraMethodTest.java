package io.github.peft4j.methods.vera.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.internal.layers.Golden;
import io.github.peft4j.methods.vera.VeraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VeraMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static VeraConfig read(Map<String, Object> values) {
        return new VeraMethod().schema().read(values, "some.json");
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("VERA")).isInstanceOf(VeraMethod.class);
        assertThat(PeftMethods.discovered().byName("vera")).isInstanceOf(VeraMethod.class);
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() {
        VeraConfig config = read(Map.of());
        assertThat(config)
                .isEqualTo(VeraConfig.builder().common(config.common()).build());
        assertThat(config.settings())
                .containsEntry("r", 256)
                .containsEntry("projection_prng_key", 0)
                .containsEntry("save_projection", true)
                .containsEntry("vera_dropout", 0.0)
                .containsEntry("d_initial", 0.1)
                .containsEntry("fan_in_fan_out", false)
                .containsEntry("bias", "none")
                .containsEntry("init_weights", true)
                .hasSize(12);
    }

    @Test
    void settingsAsTypedAreRead() {
        VeraConfig config = new VeraMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.ofEntries(
                                Map.entry("r", "16"),
                                Map.entry("target_modules", "q_proj"),
                                Map.entry("projection_prng_key", "7"),
                                Map.entry("save_projection", "false"),
                                Map.entry("vera_dropout", "0.1"),
                                Map.entry("d_initial", "0.2"),
                                Map.entry("fan_in_fan_out", "true"),
                                Map.entry("bias", "vera_only"),
                                Map.entry("modules_to_save", "lm_head"),
                                Map.entry("init_weights", "false"),
                                Map.entry("layers_to_transform", "1"),
                                Map.entry("layers_pattern", "layers"),
                                Map.entry("task_type", "CAUSAL_LM"))));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(VeraConfig.builder()
                        .set(VeraConfig.R, 16)
                        .targetModules("q_proj")
                        .set(VeraConfig.PROJECTION_PRNG_KEY, 7)
                        .set(VeraConfig.SAVE_PROJECTION, false)
                        .set(VeraConfig.VERA_DROPOUT, 0.1)
                        .set(VeraConfig.D_INITIAL, 0.2)
                        .set(LayerSettings.FAN_IN_FAN_OUT, true)
                        .set(VeraConfig.BIAS, LayerSettings.Bias.ADAPTED)
                        .modulesToSave("lm_head")
                        .set(VeraConfig.INIT_WEIGHTS, false)
                        .layersToTransform(OneOrMany.one(1))
                        .layersPattern(OneOrMany.one("layers"))
                        .build());
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void allThatIsWrongIsSaidTogether() {
        assertThatThrownBy(() -> read(Map.of("r", 0, "vera_dropout", 1.0, "layers_pattern", "h")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("`r` should be a positive integer value but the value passed is 0; vera_dropout must be at"
                        + " least 0 and below 1, got 1.0; When `layers_pattern` is specified, `layers_to_transform`"
                        + " must also be specified.  (some.json)");
        assertThatThrownBy(() -> read(Map.of("bias", "lora_only")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "Requested bias: lora_only, is not implemented. Expected none, all or vera_only.");
    }

    @Test
    void aLayerThatIsNotLinearIsRefusedAndTheModelIsAsBefore() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(
                            base,
                            VeraConfig.builder()
                                    .targetModules("q_proj", "embed_tokens")
                                    .build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Target module model.embed_tokens (Embedding) is not supported. Currently, only linear"
                            + " layers, GPT-2's `Conv1D` among them, are supported.");
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-default", "gpt2-whole", "mistral-all-linear", "bloom-bias-only"})
    void theProjectionsDrawnFromASeedAreTorchsToTheBit(String name) throws IOException {
        Golden given = new Golden("vera", name);
        try (Model<LanguageHead> model = given.base();
                GoldenTensors saved = GoldenTensors.open(given.folder().resolve(AdapterStore.WEIGHTS))) {
            VeraConfig config = (VeraConfig)
                    AdapterStore.readConfig(given.folder().resolve(AdapterStore.CONFIG), PeftMethods.discovered());
            PeftModel<?> peft = PeftModel.attach(model, config);
            for (String key : List.of("base_model.vera_A", "base_model.vera_B")) {
                assertSameBits(
                        key, ToyOutputs.values(peft.adapter().parameters().get(key)), saved.floats(key));
            }
        }
    }

    @Test
    void moreNumbersThanTheGeneratorHoldsAtOnceComeAsInTheReference() {
        // The 10000th number of mt19937 from its usual seed, as the standard of C++ gives it, in its lower 24 bits.
        float[] values = new TorchGenerator(5489).uniform(0.5, 10000);
        assertThat(values[9999]).isEqualTo((4123659995L & 0xffffff) * 0x1p-24f - 0.5f);
    }

    @Test
    void aFileWithoutProjectionsIsRefusedWhereTheyAreToBeThere(@TempDir Path saved) throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Model<LanguageHead> other = load(ToyModel.LLAMA)) {
            PeftModel.attach(
                            base,
                            VeraConfig.builder()
                                    .set(VeraConfig.R, 2)
                                    .set(VeraConfig.SAVE_PROJECTION, false)
                                    .build())
                    .save(saved);
            Path config = saved.resolve(AdapterStore.CONFIG);
            Files.writeString(
                    config,
                    Files.readString(config).replace("\"save_projection\": false", "\"save_projection\": true"));
            assertThatThrownBy(() -> PeftModel.load(other, saved))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("missing base_model.vera_A [2, 16]");
        }
    }

    @Test
    void projectionsAreNoTrainableParameters() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, VeraConfig.builder().set(VeraConfig.R, 4).build());
            assertThat(peft.adapter().trainable())
                    .hasSize(8)
                    .doesNotContainKeys("base_model.vera_A", "base_model.vera_B");
            assertThat(peft.parameterReport().trainable()).isEqualTo(2 * (4 + 16 + 4 + 8));
        }
    }

    @Test
    void dropoutFallsOnlyInTraining() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel.attach(
                    base,
                    VeraConfig.builder()
                            .set(VeraConfig.R, 4)
                            .set(VeraConfig.VERA_DROPOUT, 0.5)
                            .set(VeraConfig.INIT_WEIGHTS, false)
                            .build());
            assertSameBits("evaluations", ToyOutputs.logits(base), ToyOutputs.logits(base));
            double evaluated = ToyTraining.loss(base, ToyTraining.rows());
            double trained = ToyTraining.gradients(base, ToyTraining.rows(), false);
            assertThat(trained).isNotEqualTo(evaluated);
            assertThat(ToyTraining.gradients(base, ToyTraining.rows(), true)).isEqualTo(trained);
        }
    }

    @Test
    void adaptersOfDifferentSeedsAddUpAndMergeTogether() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            float[] before = ToyOutputs.logits(base);
            VeraConfig config = VeraConfig.builder()
                    .set(VeraConfig.R, 4)
                    .set(VeraConfig.INIT_WEIGHTS, false)
                    .build();
            PeftModel<?> peft = PeftModel.attach(base, config);
            peft.add(
                    config.toBuilder()
                            .set(VeraConfig.R, 3)
                            .set(VeraConfig.PROJECTION_PRNG_KEY, 5)
                            .build(),
                    new AttachContext("second", 1, true));
            peft.setActive("default", "second");
            float[] both = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(base), both, 1e-5);
            peft.unload();
            assertSameBits("without them", ToyOutputs.logits(base), before);
        }
    }
}
