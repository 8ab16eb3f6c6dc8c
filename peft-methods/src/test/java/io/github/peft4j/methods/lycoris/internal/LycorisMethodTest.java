package io.github.peft4j.methods.lycoris.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lycoris.LohaConfig;
import io.github.peft4j.methods.lycoris.LokrConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Files;
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
import org.junit.jupiter.params.provider.ValueSource;

class LycorisMethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    private static LohaConfig loha(Map<String, ?> values) {
        return new LohaMethod().schema().read(values, "some.json");
    }

    private static LokrConfig lokr(Map<String, ?> values) {
        return new LokrMethod().schema().read(values, "some.json");
    }

    /** A builder of either config, whose updates change the output at once. */
    private static ConfigBuilder<?, ?> busy(String method, int rank, int alpha) {
        return method.equals("loha")
                ? LohaConfig.builder(rank, alpha).set(LohaConfig.INIT_WEIGHTS, false)
                : LokrConfig.builder(rank, alpha).set(LokrConfig.INIT_WEIGHTS, "false");
    }

    @Test
    void theyAreFoundByTheirTypesAndTheirNames() {
        PeftMethods methods = PeftMethods.discovered();
        assertThat(methods.byType("LOHA")).isInstanceOf(LohaMethod.class);
        assertThat(methods.byName("loha")).isInstanceOf(LohaMethod.class);
        assertThat(methods.byType("LOKR")).isInstanceOf(LokrMethod.class);
        assertThat(methods.byName("lokr")).isInstanceOf(LokrMethod.class);
    }

    @Test
    void whatIsNotGivenHasPythonsDefaults() throws IOException {
        Path defaults = GoldenTensors.resource(LycorisMethodTest.class, "/golden/lycoris/defaults");
        assertThat(AdapterStore.json(loha(Map.of()).withCommon(inUse(loha(Map.of())))))
                .isEqualTo(Files.readString(defaults.resolve("loha").resolve(AdapterStore.CONFIG))
                        .replace("\"inference_mode\": false", "\"inference_mode\": true"));
        assertThat(AdapterStore.json(lokr(Map.of()).withCommon(inUse(lokr(Map.of())))))
                .isEqualTo(Files.readString(defaults.resolve("lokr").resolve(AdapterStore.CONFIG))
                        .replace("\"inference_mode\": false", "\"inference_mode\": true"));
    }

    private static CommonSettings inUse(PeftConfig config) {
        return config.common().withInferenceMode(true);
    }

    @Test
    void settingsAsTypedAreRead() {
        LokrConfig config = new LokrMethod()
                .schema()
                .read(ConfigValues.of(Map.of(), "settings")
                        .with(Map.ofEntries(
                                Map.entry("r", "4"),
                                Map.entry("alpha", "2.5"),
                                Map.entry("rank_dropout", "0.1"),
                                Map.entry("module_dropout", "0.2"),
                                Map.entry("target_modules", "q_proj,v_proj"),
                                Map.entry("layers_to_transform", "1"),
                                Map.entry("rank_pattern", "q_proj:2"),
                                Map.entry("alpha_pattern", "v_proj:3"),
                                Map.entry("decompose_both", "true"),
                                Map.entry("decompose_factor", "8"),
                                Map.entry("rank_dropout_scale", "true"),
                                Map.entry("init_weights", "lycoris"),
                                Map.entry("task_type", "CAUSAL_LM"))));
        assertThat(config.common().taskType()).isEqualTo(TaskType.CAUSAL_LM);
        assertThat(config.withCommon(CommonSettings.forModel()))
                .isEqualTo(LokrConfig.builder(4, 2.5)
                        .rankDropout(0.1)
                        .moduleDropout(0.2)
                        .targetModules("q_proj", "v_proj")
                        .layersToTransform(OneOrMany.one(1))
                        .rankPattern(Map.of("q_proj", 2))
                        .alphaPattern(Map.of("v_proj", 3))
                        .set(LokrConfig.DECOMPOSE_BOTH, true)
                        .set(LokrConfig.DECOMPOSE_FACTOR, 8)
                        .set(LokrConfig.RANK_DROPOUT_SCALE, true)
                        .set(LokrConfig.INIT_WEIGHTS, "lycoris")
                        .build());
    }

    /** Settings that are wrong in both methods. */
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(Map.of("r", 0), "`r` should be a positive integer value but the value passed is 0"),
                Arguments.of(
                        Map.of("rank_pattern", Map.of("q_proj", -1)),
                        "`r` should be a positive integer value but the value passed is -1"),
                Arguments.of(
                        Map.of("rank_pattern", Map.of("q_proj", 1.5)),
                        "rank_pattern must hold whole numbers, got q_proj: 1.5"),
                Arguments.of(Map.of("rank_dropout", 1.0), "rank_dropout must be at least 0 and below 1, got 1.0"),
                Arguments.of(Map.of("module_dropout", -0.5), "module_dropout must be from 0 to 1, got -0.5"),
                Arguments.of(
                        Map.of("layers_pattern", List.of("layers")),
                        "When `layers_pattern` is specified, `layers_to_transform` must also be specified. "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrong")
    void settingsThatAreWrongAreRefusedInPythonsWords(Map<String, Object> values, String message) {
        assertThatThrownBy(() -> loha(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message + " (some.json)");
        assertThatThrownBy(() -> lokr(values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message + " (some.json)");
    }

    @Test
    void lokrsOwnSettingsAreCheckedToo() {
        assertThatThrownBy(() -> lokr(Map.of("decompose_factor", 0, "init_weights", "pissa")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "decompose_factor must be at least 1, or -1 for none, got 0; init_weights must be true, false"
                                + " or \"lycoris\", got \"pissa\" (some.json)");
    }

    @ParameterizedTest
    @CsvSource({
        "128, -1, 8",
        "127, -1, 1",
        "128, 4, 4",
        "128, 256, 8",
        "250, -1, 10",
        "360, 7, 6",
        "16, 16, 16",
        "1, -1, 1"
    })
    void sizesAreCutAsInPython(long size, int factor, long left) {
        assertThat(KroneckerSizes.left(size, factor)).isEqualTo(left);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loha", "lokr"})
    void aLayerOfAnotherKindIsRefusedAndTheModelIsAsBefore(String method) {
        PeftConfig config = busy(method, 2, 2)
                .set(LayerSettings.TARGET_MODULES, TargetModules.named("embed_tokens"))
                .build();
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            Map<String, ?> modules = base.modulesByPath();
            assertThatThrownBy(() -> PeftModel.attach(base, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "Target module model.embed_tokens (Embedding) not supported, currently only adapters for"
                                    + " linear layers are supported");
            assertThat(base.modulesByPath()).isEqualTo(modules);
        }
    }

    private static double lossInTraining(Model<LanguageHead> model, long seed) {
        try (Forward context = Forward.recording(model.scope(), new Forward.Recording(seed, false, true))) {
            double loss = model.head().objective().loss(context, model, ToyTraining.rows(), 1);
            context.backward();
            return loss;
        }
    }

    @ParameterizedTest
    @CsvSource({"loha, 0.4, 0", "lokr, 0.4, 0", "loha, 0, 0.5", "lokr, 0, 0.5"})
    void dropoutChangesTrainingWithTheSeedAndNothingElse(String method, double ofOutputs, double ofUpdates) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Model<LanguageHead> other = load(ToyModel.LLAMA)) {
            PeftModel.attach(base, busy(method, 2, 4).build());
            PeftConfig dropping = busy(method, 2, 4)
                    .set(LycorisSettings.RANK_DROPOUT, ofOutputs)
                    .set(LycorisSettings.MODULE_DROPOUT, ofUpdates)
                    .build();
            PeftModel.attach(other, dropping);
            assertSameBits("in use", ToyOutputs.logits(other), ToyOutputs.logits(base));
            double plain = lossInTraining(base, 1);
            assertThat(lossInTraining(base, 2)).isEqualTo(plain);
            assertThat(lossInTraining(other, 1)).isEqualTo(lossInTraining(other, 1));
            assertThat(Stream.of(1, 2, 3, 4)
                            .map(seed -> lossInTraining(other, seed))
                            .distinct())
                    .hasSizeGreaterThan(1)
                    .anySatisfy(loss -> assertThat(loss).isNotEqualTo(plain));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loha", "lokr"})
    void aModuleDropoutOfOneTrainsWithoutTheUpdate(String method) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            double plain = lossInTraining(base, 1);
            PeftModel.attach(
                    base,
                    busy(method, 2, 4).set(LycorisSettings.MODULE_DROPOUT, 1.0).build());
            assertThat(lossInTraining(base, 1)).isEqualTo(plain);
        }
    }

    /** LoHa divides what is left by its share; LoKr only where it is told to. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void outputsThatAreLeftAreScaledWhereAskedFor(boolean scaled) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA);
                Forward context = Forward.recording(base.scope(), new Forward.Recording(1, false, true))) {
            LycorisDropout dropout = new LycorisDropout(0.4, 0, scaled);
            NDArray outputs = base.scope().zeros(Precision.FLOAT32, 1, 1000);
            float[] keep = base.scope().kernels().toFloats(dropout.keep(context, outputs));
            double sum = 0;
            int kept = 0;
            for (float value : keep) {
                sum += value;
                kept += value > 0 ? 1 : 0;
            }
            assertThat(kept).isBetween(540, 660);
            assertThat(sum / (scaled ? 1000 : kept)).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loha", "lokr"})
    void besideLoraOfTheSameLayersTheyAddUpAndMergeInAnyOrder(String method) {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = PeftModel.attach(
                    base, LoraConfig.builder(2, 4).initLoraWeights(false).build());
            peft.add(busy(method, 1, 2).build(), new AttachContext("other", 4, true));
            float[] lora = ToyOutputs.logits(base);
            peft.setActive("default", "other");
            float[] both = ToyOutputs.logits(base);
            assertDiffers("with both", both, lora);
            peft.adapter("other").mergeable().orElseThrow().merge();
            assertClose("one merged", ToyOutputs.logits(base), both, 1e-5);
            peft.mergeActive();
            assertClose("both merged", ToyOutputs.logits(base), both, 1e-5);
            peft.deactivate();
            assertSameBits("none", ToyOutputs.logits(base), before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loha", "lokr"})
    void onlyTheFactorThatIsTrainableGetsAGradient(String method) {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(base, busy(method, 1, 2).build());
            for (String wanted : List.of("w1", "w1_a", "w1_b", "w2_a", "w2_b")) {
                Map<String, Weight> weights = peft.adapter().trainable();
                weights.forEach((key, weight) -> weight.setTrainable(key.endsWith(wanted)));
                ToyTraining.gradients(base, ToyTraining.rows(), false);
                weights.forEach((key, weight) ->
                        assertThat(weight.gradient() != null).as(key).isEqualTo(key.endsWith(wanted)));
            }
        }
    }
}
