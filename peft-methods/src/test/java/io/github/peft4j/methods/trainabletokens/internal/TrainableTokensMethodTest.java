package io.github.peft4j.methods.trainabletokens.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
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
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.trainabletokens.TrainableTokensConfig;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainableTokensMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static TrainableTokensConfig.Builder of(Integer... tokens) {
        return TrainableTokensConfig.builder().tokenIndices(tokens);
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("TRAINABLE_TOKENS")).isInstanceOf(TrainableTokensMethod.class);
        assertThat(PeftMethods.discovered().byName("trainable-tokens")).isInstanceOf(TrainableTokensMethod.class);
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() {
        TrainableTokensConfig config = new TrainableTokensMethod().schema().read(Map.of(), "some.json");
        assertThat(config)
                .isEqualTo(
                        TrainableTokensConfig.builder().common(config.common()).build());
        assertThat(config.settings())
                .containsEntry("token_indices", List.of())
                .containsEntry("target_modules", null)
                .containsEntry("init_weights", true)
                .hasSize(3);
    }

    @Test
    void settingsAsTypedAreReadAndBadOnesNamed() {
        TrainableTokensConfig config = new TrainableTokensMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.of(
                                "token_indices", "7,3",
                                "target_modules", "embed_tokens",
                                "init_weights", "false",
                                "task_type", "CAUSAL_LM")));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(of(7, 3).targetModules("embed_tokens")
                        .set(TrainableTokensConfig.INIT_WEIGHTS, false)
                        .build());
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThatThrownBy(() -> new TrainableTokensMethod()
                        .schema()
                        .read(Map.of("token_indices", List.of(3, -1, 3)), "some.json"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("token_indices must hold numbers of tokens, from 0 on, got -1; token_indices must name each"
                        + " token once, got [3, -1, 3] (some.json)");
    }

    /** Configs that do not fit a model. */
    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of(
                        TrainableTokensConfig.builder().build(),
                        "token_indices is empty: expected the numbers of the tokens whose vectors are to be trained"),
                Arguments.of(
                        of(3, 49).build(),
                        "token_indices holds 49, but the model has tokens from 0 to 47. Added tokens follow those, one after"
                                + " the other, and each is to be trained"),
                Arguments.of(
                        of(3).targetModules("model.norm").build(),
                        "TrainableTokensLayer wraps an unknown layer type, maybe you are targeting the wrong layer?"
                                + " Expected an embedding or a linear layer without bias, got model.norm (RmsNorm)"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(TrainableTokensConfig config, String message) {
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

    /** PEFT leaves the bias out; what it would compute is nobody's wish. */
    @Test
    void tokensWhoseTableAnOutputLayerWithABiasSharesAreRefused() throws IOException {
        Path checkpoint = GoldenTensors.resource(getClass(), "/golden/encoders/base/bert-masked");
        LoadOptions options = LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32);
        try (Model<Head> base = Models.load(checkpoint, options, Head.class)) {
            assertThatThrownBy(() -> PeftModel.attach(base, of(5).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token_indices trains tokens of bert.embeddings.word_embeddings, whose table"
                            + " cls.predictions.decoder shares, a linear layer with a bias: Hugging Face PEFT leaves that"
                            + " bias out of its outputs. Train tokens with another head, or none");
        }
    }

    @Test
    void aTokenThatDoesNotOccurKeepsItsVector() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, of(25, 47).build());
            var weight = peft.adapter().parameters().values().iterator().next();
            float[] before = ToyOutputs.values(weight);
            ToyTraining.train(peft, 2, 0.1);
            float[] after = ToyOutputs.values(weight);
            for (int i = 0; i < after.length; i++) {
                if (i < after.length / 2) {
                    assertThat(after[i]).isNotEqualTo(before[i]);
                } else {
                    assertThat(after[i]).isEqualTo(before[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA_TIED", "BLOOM", "GPT2", "QWEN2"})
    void aMergedCheckpointOfATiedModelStaysTied(ToyModel model) throws IOException {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = PeftModel.attach(base, of(25, 14, 4).build());
            ToyTraining.train(peft, 3, 0.1);
            Path target = folder.resolve("merged");
            peft.saveMerged(target);
            try (SafetensorsFile file = SafetensorsFile.open(target.resolve("model.safetensors"));
                    Model<LanguageHead> plain = Models.load(target, Device.cpu(), Precision.FLOAT32)) {
                assertThat(file.names()).doesNotContain("lm_head.weight");
                assertThat(plain.anatomy().headIsTied()).isTrue();
                assertClose("merged", ToyOutputs.logits(plain), ToyOutputs.logits(base), 1e-5);
            }
        }
    }

    @Test
    void aTiedHeadThatIsNamedTooSharesTheEmbeddingsVectors() {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, of(25, 14).targetModules("embed_tokens", "lm_head").build());
            assertThat(peft.adapter().parameters()).hasSize(2);
            assertThat(peft.adapter().trainable()).hasSize(1);
            assertThat(peft.parameterReport().trainable()).isEqualTo(2L * 16);
        }
    }

    @Test
    void adaptersOfOtherTokensAreActiveTogetherAndOfTheSameAreNot() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(base, of(25, 14).build());
            peft.add(of(4, 46).build(), new AttachContext("others", 1, true));
            peft.add(of(14, 5).build(), new AttachContext("overlap", 2, true));
            peft.add(
                    LoraConfig.builder(2, 4)
                            .targetModules("wte", "c_attn")
                            .initLoraWeights(false)
                            .build(),
                    new AttachContext("lora", 3, true));
            peft.setActive("default", "others");
            peft.setTrainable("default", "others");
            ToyTraining.train(peft, 3, 0.05);
            float[] both = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(base), both, 1e-5);
            peft.unmerge();
            peft.setActive("default", "others", "lora");
            peft.setTrainable("lora", "default");
            ToyTraining.train(peft, 2, 0.02);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
            peft.setActive("default", "overlap");
            assertThatThrownBy(() -> ToyOutputs.logits(base))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Token indices of two adapters that are active together overlap: [25, 14] and"
                            + " [14, 5]. Only disjunct token indices are currently supported.");
            peft.unload();
            assertSameBits("without them", ToyOutputs.logits(base), before);
        }
    }
}
