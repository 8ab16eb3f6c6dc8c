package io.github.peft4j.methods.lora.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.methods.lora.GoldenCase;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.SeveralAdapters;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.ToyModel;
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
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens that are trained one by one beside LoRA's updates. */
class LoraTokensTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static LoraConfig.Builder lora(String... targets) {
        return LoraConfig.builder(2, 4).targetModules(targets).initLoraWeights(false);
    }

    private static LoraConfig of(Map<String, List<Integer>> byLayer, String... targets) {
        return lora(targets).trainableTokenIndices(byLayer).build();
    }

    /** Configs that do not fit a model. */
    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of(
                        ToyModel.LLAMA,
                        lora("q_proj").trainableTokenIndices(3, 48, 50).build(),
                        "trainable_token_indices holds 48, 50, but the model has tokens from 0 to 47. Added tokens follow those,"
                                + " one after the other, and each is to be trained"),
                Arguments.of(
                        ToyModel.LLAMA,
                        lora("q_proj").trainableTokenIndices().build(),
                        "trainable_token_indices names no tokens for model.embed_tokens"),
                Arguments.of(
                        ToyModel.LLAMA,
                        of(Map.of("foo", List.of(1)), "q_proj"),
                        "trainable_token_indices: Target modules {'foo'} not found in the base model."),
                Arguments.of(
                        ToyModel.LLAMA,
                        of(Map.of("norm", List.of(1)), "q_proj"),
                        "Expected an embedding or a linear layer without bias, got model.layers.0.input_layernorm"),
                Arguments.of(
                        ToyModel.LLAMA,
                        lora("embed_tokens").trainableTokenIndices(1).build(),
                        "trainable_token_indices also names model.embed_tokens, which is a target module"),
                Arguments.of(
                        ToyModel.LLAMA,
                        of(Map.of("embed_tokens", List.of(1), "tokens", List.of(1)), "q_proj"),
                        "trainable_token_indices names model.embed_tokens twice"),
                Arguments.of(
                        ToyModel.LLAMA,
                        lora("q_proj")
                                .modulesToSave("embed_tokens")
                                .trainableTokenIndices(Map.of("embed_tokens", List.of(1)))
                                .build(),
                        "The embedding layer is already marked to be trained fully"),
                Arguments.of(
                        ToyModel.LLAMA,
                        lora("q_proj")
                                .modulesToSave("embed_tokens")
                                .trainableTokenIndices(1)
                                .build(),
                        "modules_to_save trains model.embed_tokens whole"),
                Arguments.of(
                        ToyModel.QWEN2,
                        lora("q_proj")
                                .modulesToSave("lm_head")
                                .trainableTokenIndices(1)
                                .build(),
                        "modules_to_save trains lm_head whole, whose tokens trainable_token_indices, by the tied embedding,"
                                + " trains one by one"),
                Arguments.of(
                        ToyModel.QWEN2,
                        lora("q_proj")
                                .ensureWeightTying(true)
                                .trainableTokenIndices(Map.of("embed_tokens", List.of(1), "lm_head", List.of(2)))
                                .build(),
                        "Cannot ensure weight tying when different token indices are specified for tied layers."),
                Arguments.of(
                        ToyModel.QWEN2,
                        lora("lm_head").useDora(true).trainableTokenIndices(1).build(),
                        "lm_head shares the vectors of trainable_token_indices with the embedding"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(ToyModel model, LoraConfig config, String message) {
        try (Model<LanguageHead> base = load(model)) {
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    private static LoraConfig read(Object indices) {
        return new LoraMethod().schema().read(Map.of("trainable_token_indices", indices), "some.json");
    }

    private static LoraConfig typed(String indices) {
        return new LoraMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "--set").with(Map.of("trainable_token_indices", indices)));
    }

    @Test
    void tokensAreListedForTheEmbeddingOrByLayer() {
        assertThat(read(List.of(3, 4)).get(LoraConfig.TRAINABLE_TOKEN_INDICES))
                .isEqualTo(TokenIndices.of(List.of(3, 4)));
        assertThat(typed("3,4")).isEqualTo(read(List.of(3, 4)));
        assertThat(typed("[3, 4]")).isEqualTo(read(List.of(3, 4)));
        Map<String, List<Integer>> byLayer = Map.of("embed_tokens", List.of(3), "lm_head", List.of(4, 5));
        assertThat(read(byLayer).get(LoraConfig.TRAINABLE_TOKEN_INDICES)).isEqualTo(TokenIndices.of(byLayer));
        assertThat(typed("{\"embed_tokens\": [3], \"lm_head\": [4, 5]}")).isEqualTo(read(byLayer));
        assertThat(read(byLayer).settings()).containsEntry("trainable_token_indices", byLayer);
        assertThat(typed("null").get(LoraConfig.TRAINABLE_TOKEN_INDICES)).isNull();
        assertThat(LoraConfig.builder(2, 4).build().settings()).containsEntry("trainable_token_indices", null);
    }

    @Test
    void whatIsNoTokenIsRefused() {
        assertThatThrownBy(() -> read(List.of(3, -1, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("trainable_token_indices must hold numbers of tokens, from 0 on, got -1;"
                        + " trainable_token_indices must name each token once, got [3, -1, 3] (some.json)");
        assertThatThrownBy(() -> read(Map.of("lm_head", List.of(-2))))
                .hasMessage("trainable_token_indices of lm_head must hold numbers of tokens, from 0 on, got -2"
                        + " (some.json)");
        assertThatThrownBy(() -> read(Map.of("lm_head", 3)))
                .hasMessage("trainable_token_indices must be a list of whole numbers, or an object of such lists, got"
                        + " {\"lm_head\": 3} (some.json)");
        assertThatThrownBy(() -> typed("a,b")).hasMessageContaining("must be a list of whole numbers, or an object");
    }

    @Test
    void theVectorsOfATiedHeadAreTheEmbeddingsAndCountedOnce() {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("q_proj").trainableTokenIndices(25, 14).build());
            assertThat(peft.parameterReport().trainable()).isEqualTo(2 * (2 * 16 + 16 * 2) + 2L * 16);
            assertThat(peft.adapter().parameters()).hasSize(5);
            assertThat(peft.status().adapters().get(0).modules())
                    .containsEntry("model.embed_tokens", List.of("token_adapter.trainable_tokens_delta"));
        }
    }

    @Test
    void aMergedCheckpointOfATiedModelStaysTied() throws IOException {
        Path merged = folder.resolve("merged");
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("q_proj").trainableTokenIndices(25, 14).build());
            ToyTraining.train(peft, 3, 0.1);
            peft.saveMerged(merged);
            try (SafetensorsFile file = SafetensorsFile.open(merged.resolve("model.safetensors"));
                    Model<LanguageHead> plain = Models.load(merged, Device.cpu(), Precision.FLOAT32)) {
                assertThat(file.names()).doesNotContain("lm_head.weight");
                assertClose("merged", ToyOutputs.logits(plain), ToyOutputs.logits(base), 1e-5);
            }
        }
    }

    @Test
    void rowsGetTheVectorsOfTheirOwnAdapters() {
        try (Model<LanguageHead> model = new GoldenCase("qwen2-base").base()) {
            PeftModel<?> peft = PeftModel.attach(
                    model, lora("q_proj").trainableTokenIndices(3, 9, 20).build());
            peft.add(of(Map.of("embed_tokens", List.of(4, 30)), "v_proj", "lm_head"), new AttachContext("b", 1, true));
            for (String name : peft.names()) {
                peft.adapter(name)
                        .trainable()
                        .values()
                        .forEach(weight -> weight.scope().kernels().scaleInto(weight.array(), 1.25));
            }
            List<String> names = List.of("b", "default", "__base__", "default");
            List<float[]> rows = SeveralAdapters.logits(model, peft.selectRows(names));
            for (int row = 0; row < names.size(); row++) {
                if (names.get(row).equals(PeftModel.BASE)) {
                    peft.deactivate();
                } else {
                    peft.setActive(names.get(row));
                }
                assertClose("row " + row, rows.get(row), SharedGolden.logits(model, SeveralAdapters.row(row)), 3e-6);
            }
        }
    }

    @Test
    void twoAdaptersOfTheSameTokenAreNotActiveTogether() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("c_attn").trainableTokenIndices(25, 14).build());
            peft.add(lora("c_attn").trainableTokenIndices(14).build(), new AttachContext("b", 1, true));
            peft.setActive("default", "b");
            assertThatThrownBy(() -> ToyOutputs.logits(base))
                    .hasMessageContaining("Token indices of two adapters that are active together overlap");
            peft.unload();
            assertSameBits("without them", ToyOutputs.logits(base), before);
        }
    }

    @Test
    void valuesAreExchangedForThoseOfTheSameTokensOnly() throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            LoraConfig config = lora("q_proj").trainableTokenIndices(25, 14).build();
            PeftModel<?> peft = PeftModel.attach(base, config);
            ToyTraining.train(peft, 2, 0.1);
            peft.save(folder.resolve("same"));
            peft.unload();
            PeftModel.attach(base, lora("q_proj").trainableTokenIndices(25, 4).build())
                    .save(folder.resolve("other"));
        }
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("q_proj").trainableTokenIndices(25, 14).build());
            peft.swap(folder.resolve("same"), "default");
            float[] swapped = ToyOutputs.logits(base);
            peft.unload();
            PeftModel.load(base, folder.resolve("same"));
            assertSameBits("swapped", swapped, ToyOutputs.logits(base));
        }
        try (Model<LanguageHead> base = load(ToyModel.QWEN2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("q_proj").trainableTokenIndices(25, 14).build());
            assertThatThrownBy(() -> peft.swap(folder.resolve("other"), "default"))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("for trainable_token_indices, [25, 14] != [25, 4]");
        }
    }

    @Test
    void aCombinedAdapterHasTheTokensOfTheOneThatTrainsSome() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, lora("q_proj").trainableTokenIndices(25, 14).build(), new AttachContext("a", 0, true));
            ToyTraining.train(peft, 2, 0.1);
            peft.add(lora("q_proj").build(), new AttachContext("b", 1, true));
            peft.add(lora("q_proj").trainableTokenIndices(4).build(), new AttachContext("c", 2, true));
            peft.setActive("a", "b");
            float[] together = ToyOutputs.logits(base);
            peft.combine("both", Map.of("a", 1.0, "b", 1.0), Combination.cat());
            peft.setActive("both");
            assertClose("combined", ToyOutputs.logits(base), together, 1e-5);
            assertThatThrownBy(() -> peft.combine("three", Map.of("a", 1.0, "c", 1.0), Combination.cat()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Cannot add weighted adapters of which more than one has trainable_token_indices, but"
                            + " found [a, c]");
        }
    }
}
