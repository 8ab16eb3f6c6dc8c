package io.github.peft4j.methods.internal.promptlearning;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.methods.ptuning.PTuningConfig;
import io.github.peft4j.methods.ptuning.internal.PTuningMethod;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What prompts of all kinds have in common. */
class PromptAdapterTest {

    private static final PeftConfig PROMPT = PromptTuningConfig.builder(3).build();
    private static final PeftConfig ENCODED =
            PTuningConfig.builder(3).set(PTuningConfig.ENCODER_HIDDEN_SIZE, 4).build();
    private static final PeftConfig PREFIX = PrefixTuningConfig.builder(2).build();
    private static final PeftConfig PROJECTED = PrefixTuningConfig.builder(2)
            .set(PrefixTuningConfig.PREFIX_PROJECTION, true)
            .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, 4)
            .build();

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static AttachContext named(String name, long seed) {
        return new AttachContext(name, seed, true);
    }

    @ParameterizedTest
    @CsvSource({"PROMPT_TUNING, prompt-tuning", "P_TUNING, p-tuning", "PREFIX_TUNING, prefix-tuning"})
    void methodsAreFoundByTheirTypesAndNames(String type, String name) {
        assertThat(PeftMethods.discovered().byType(type))
                .isSameAs(PeftMethods.discovered().byName(name));
    }

    static Stream<Arguments> pairs() {
        return Stream.of(PROMPT, ENCODED, PREFIX, PROJECTED)
                .flatMap(first ->
                        Stream.of(PROMPT, ENCODED, PREFIX, PROJECTED).map(second -> Arguments.of(first, second)));
    }

    /** As in Hugging Face PEFT, where one prompt encoder is set at a time. */
    @ParameterizedTest
    @MethodSource("pairs")
    void onePromptIsActiveAtATimeAndTheyAreSwitched(PeftConfig first, PeftConfig second) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, first, named("a", 1));
            float[] before = ToyOutputs.logits(base);
            peft.add(second, named("b", 2));
            assertSameBits("the first beside a second", ToyOutputs.logits(base), before);
            assertThatThrownBy(() -> peft.setActive("a", "b"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Only one adapter can be set at a time for the model's input: 'a' and 'b' each take it for"
                                    + " themselves alone");
            peft.setActive("b");
            assertDiffers("the second", ToyOutputs.logits(base), before);
            peft.setActive("a");
            assertSameBits("the first again", ToyOutputs.logits(base), before);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aPromptWorksTogetherWithAnAdapterInTheLayers(PeftConfig config) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, config, named("prompt", 1));
            float[] alone = ToyOutputs.logits(base);
            peft.add(LoraConfig.builder(2, 4).initLoraWeights(false).build(), named("lora", 2));
            peft.setActive("prompt", "lora");
            assertDiffers("both", ToyOutputs.logits(base), alone);
            peft.setTrainable("prompt", "lora");
            double loss = ToyTraining.loss(base, ToyTraining.rows());
            ToyTraining.train(peft, 5, 1e-2);
            assertThat(ToyTraining.loss(base, ToyTraining.rows())).isLessThan(loss);
            assertClose("token by token", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), 1e-5);
        }
    }

    static Stream<PeftConfig> configs() {
        return Stream.of(PROMPT, ENCODED, PREFIX, PROJECTED);
    }

    /** Configs that do not fit a model, and what is said. */
    static Stream<Arguments> unfit() {
        CommonSettings noTask = new CommonSettings(null, null, null, false, null, "0.21.2", Map.of(), false);
        return Stream.of(
                Arguments.of(
                        ToyModel.LLAMA,
                        PROMPT.withCommon(noTask),
                        "task_type must be CAUSAL_LM for a LlamaForCausalLM, got null (LlamaForCausalLM)"),
                Arguments.of(
                        ToyModel.LLAMA,
                        PREFIX.withCommon(noTask),
                        "task_type must be CAUSAL_LM for a LlamaForCausalLM, got null (LlamaForCausalLM)"),
                Arguments.of(
                        ToyModel.GPT2,
                        PromptTuningConfig.builder(2)
                                .set(PromptSettings.TOKEN_DIM, 8)
                                .set(PromptSettings.NUM_TRANSFORMER_SUBMODULES, 2)
                                .build(),
                        "num_transformer_submodules must be 1, got 2: leave it out; token_dim must be 16, got 8: leave it"
                                + " out (GPT2LMHeadModel)"),
                Arguments.of(
                        ToyModel.BLOOM,
                        PTuningConfig.builder(2)
                                .set(PromptSettings.TOKEN_DIM, 16)
                                .build(),
                        "token_dim must be 24, got 16: leave it out (BloomForCausalLM)"),
                Arguments.of(
                        ToyModel.LLAMA,
                        PrefixTuningConfig.builder(2)
                                .set(PromptSettings.TOKEN_DIM, 5)
                                .set(PromptSettings.NUM_TRANSFORMER_SUBMODULES, 1)
                                .set(PromptSettings.NUM_ATTENTION_HEADS, 3)
                                .set(PromptSettings.NUM_LAYERS, 1)
                                .build(),
                        "token_dim must be 8 or 16, got 5: leave it out; num_attention_heads must be 2 or 4, got 3: leave"
                                + " it out; num_layers must be 2, got 1: leave it out (LlamaForCausalLM)"),
                Arguments.of(
                        ToyModel.BLOOM,
                        PrefixTuningConfig.builder(2)
                                .set(PrefixTuningConfig.LEGACY_BLOOM_LAYOUT, true)
                                .build(),
                        "legacy_bloom_layout is for adapters that were saved: leave it out"));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(ToyModel model, PeftConfig config, String message) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            int arrays = base.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
            assertSameBits("output", ToyOutputs.logits(base), before);
        }
    }

    @Test
    void whatTheModelNeedsNotIsKeptAsGiven() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftConfig config = PromptTuningConfig.builder(2)
                    .set(PromptSettings.TOKEN_DIM, 16)
                    .set(PromptSettings.NUM_TRANSFORMER_SUBMODULES, 1)
                    .set(PromptSettings.NUM_ATTENTION_HEADS, 7)
                    .set(PromptSettings.NUM_LAYERS, 9)
                    .build();
            assertThat(PeftModel.attach(base, config).adapter().config().settings())
                    .containsEntry("num_attention_heads", 7)
                    .containsEntry("num_layers", 9);
        }
    }

    @Test
    void anEncoderThatDoesNotBelongToItsTableIsLeftOut() throws IOException {
        Path saved = folder.resolve("saved");
        Path other = folder.resolve("other");
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Logged log = Logged.of(PromptTable.class)) {
            PeftModel<?> peft = PeftModel.attach(base, ENCODED, named("default", 1));
            peft.save(saved);
            peft.unload();
            PeftModel<?> second = PeftModel.attach(base, ENCODED, named("default", 2));
            float[] expected = ToyOutputs.logits(base);
            second.save(other);
            second.unload();
            Files.copy(
                    other.resolve(AdapterStore.WEIGHTS),
                    saved.resolve(AdapterStore.WEIGHTS),
                    StandardCopyOption.REPLACE_EXISTING);
            PeftModel<?> loaded = PeftModel.load(base, saved);
            assertSameBits("output of the table", ToyOutputs.logits(base), expected);
            assertThat(loaded.adapter().trainable()).containsOnlyKeys(PromptTable.KEY);
            assertThat(log.messages())
                    .containsExactly("prompt_encoder.safetensors does not compute the prompt_embeddings that it lies"
                            + " beside, which another program has written since: it is left out, and those are used as"
                            + " they are");
            loaded.save(saved);
            assertThat(saved.resolve(PromptTable.ENCODER_FILE)).doesNotExist();
        }
    }

    @Test
    void theFileOfAnEncoderHoldsTheNamesOfHuggingFacesModule() throws IOException {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    PTuningConfig.builder(2)
                            .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                            .build());
            assertThat(peft.adapter().trainable().keySet())
                    .contains("prompt_encoder.embedding.weight", "prompt_encoder.lstm_head.weight_ih_l1_reverse");
            assertThat(peft.status())
                    .asString()
                    .isEqualTo("LlamaForCausalLM with 1 adapter\ndefault: P_TUNING, active, trainable, 32 parameters\n"
                            + "  (model): prompt_embeddings");
        }
    }

    @Test
    void aPerceptronHasThreeLayersWhateverIsAskedFor() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Logged log = Logged.of(PTuningMethod.class)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    PTuningConfig.builder(2)
                            .set(PTuningConfig.ENCODER_NUM_LAYERS, 3)
                            .build());
            assertThat(peft.adapter().trainable()).hasSize(7);
            assertThat(log.messages())
                    .containsExactly("for MLP, the argument `encoder_num_layers` is ignored. Exactly 2 MLP layers are"
                            + " used.");
        }
    }

    @Test
    void dropoutBetweenTheLayersOfAnLstmAppliesInTrainingOnly() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PTuningConfig config = PTuningConfig.builder(2)
                    .set(PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE, PTuningConfig.Encoder.LSTM)
                    .set(PTuningConfig.ENCODER_DROPOUT, 0.5)
                    .build();
            PeftModel.attach(base, config);
            double evaluated = ToyTraining.loss(base, ToyTraining.rows());
            double trained = ToyTraining.gradients(base, ToyTraining.rows(), false);
            assertThat(trained).isNotEqualTo(evaluated);
            assertThat(ToyTraining.gradients(base, ToyTraining.rows(), false)).isEqualTo(trained);
            assertThat(ToyTraining.loss(base, ToyTraining.rows())).isEqualTo(evaluated);
        }
    }

    @Test
    void thereMustBeAVirtualToken() {
        assertThatThrownBy(() -> PromptTuningConfig.builder(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("num_virtual_tokens must be at least 1, got 0");
    }
}
