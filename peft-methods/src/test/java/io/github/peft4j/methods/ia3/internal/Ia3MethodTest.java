package io.github.peft4j.methods.ia3.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class Ia3MethodTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> load(ToyModel model) {
        return model.load(folder.resolve(model.name()), Precision.FLOAT32);
    }

    @Test
    void itIsFoundByItsTypeAndItsName() {
        assertThat(PeftMethods.discovered().byType("IA3")).isInstanceOf(Ia3Method.class);
        assertThat(PeftMethods.discovered().byName("ia3")).isInstanceOf(Ia3Method.class);
    }

    /** Configs that do not fit a model. */
    static Stream<Arguments> unfit() {
        return Stream.of(
                Arguments.of(
                        Ia3Config.builder()
                                .targetModules("embed_tokens")
                                .feedforwardModules()
                                .build(),
                        "Target module model.embed_tokens (Embedding) is not supported. Currently, only linear layers,"
                                + " GPT-2's `Conv1D` among them, are supported."),
                Arguments.of(
                        Ia3Config.builder()
                                .targetModules("nowhere", "down_proj")
                                .build(),
                        "Target modules {'nowhere'} not found in the base model, though others were."),
                Arguments.of(
                        Ia3Config.builder().targetModules("proj").build(),
                        "Target modules {'proj'} not found in the base model."),
                Arguments.of(
                        Ia3Config.builder()
                                .targetModules(TargetModules.ofPattern(".*proj"))
                                .modulesToSave("mlp.down_pro", "proj")
                                .build(),
                        "modules_to_save also names model.layers.0.self_attn.q_proj, which is a target module"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("unfit")
    void aConfigThatDoesNotFitIsRefusedAndTheModelIsAsBefore(Ia3Config config, String message) {
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
    void aFeedForwardNameNeedNotBeginAtADot() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft = PeftModel.attach(
                    base,
                    Ia3Config.builder()
                            .targetModules(TargetModules.ofPattern(".*(q|down)_proj"))
                            .feedforwardModules("wn_proj")
                            .build());
            assertThat(shape(peft, "base_model.model.model.layers.0.mlp.down_proj.ia3_l"))
                    .containsExactly(1, 24);
            assertThat(shape(peft, "base_model.model.model.layers.0.self_attn.q_proj.ia3_l"))
                    .containsExactly(16, 1);
        }
    }

    @Test
    void defaultFeedForwardNamesThatAreNoTargetsAreNotSavedSinceTheyCouldNotBeRead() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft = PeftModel.attach(
                    base, Ia3Config.builder().targetModules("c_attn").build());
            assertThat(((Ia3Config) peft.adapter().config()).feedforwardModules())
                    .isEqualTo(new TargetModules.Named(List.of()));
        }
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            assertThatThrownBy(() -> PeftModel.attach(
                            base, Ia3Config.builder().targetModules("c_proj").build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no part of [c_proj] names the default [mlp.c_proj] and not"
                            + " transformer.h.0.attn.c_proj too. Please specify `feedforward_modules`");
        }
    }

    private static long[] shape(PeftModel<?> peft, String key) {
        Weight weight = peft.adapter().parameters().get(key);
        assertThat(weight).as(key).isNotNull();
        return weight.shape().getShape();
    }

    /** Gives an adapter values that change what the model computes. */
    private static void stir(PeftModel<?> peft, String name) {
        double[] phase = {0};
        peft.adapter(name).parameters().values().forEach(weight -> {
            float[] values = ToyOutputs.values(weight);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.3 * Math.sin(++phase[0]));
            }
            try (var array = weight.scope().floats(values, weight.shape().getShape())) {
                weight.assign(array);
            }
        });
    }

    private static PeftModel<?> two(Model<LanguageHead> base, PeftConfig first, PeftConfig second) {
        PeftModel<?> peft = PeftModel.attach(base, first, new AttachContext("first", 1, true));
        peft.add(second, new AttachContext("second", 2, true));
        stir(peft, "first");
        stir(peft, "second");
        return peft;
    }

    private static LoraConfig lora(ToyModel model) {
        String[] names = model == ToyModel.LLAMA
                ? new String[] {"v_proj", "down_proj"}
                : model == ToyModel.BLOOM
                        ? new String[] {"query_key_value", "dense_4h_to_h"}
                        : new String[] {"c_attn", "mlp.c_proj"};
        return LoraConfig.builder(2, 4).targetModules(names).build();
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "BLOOM", "GPT2"})
    void mergedOverALoraAdapterItComputesWhatTheTwoDoAndUnmergesExactly(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = two(base, lora(model), Ia3Config.builder().build());
            peft.setActive("first", "second");
            float[] both = ToyOutputs.logits(base);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(base), both, 1e-5);
            peft.unmerge();
            assertSameBits("unmerged", ToyOutputs.logits(base), both);
            peft.unload();
            assertSameBits("without them", ToyOutputs.logits(base), before);
        }
    }

    @Test
    void mergingUnderALoraAdapterThatIsNotMergedIsRefused() {
        try (Model<LanguageHead> base = load(ToyModel.LLAMA)) {
            PeftModel<?> peft =
                    two(base, lora(ToyModel.LLAMA), Ia3Config.builder().build());
            peft.setActive("first", "second");
            float[] both = ToyOutputs.logits(base);
            assertThatThrownBy(() ->
                            peft.adapter("second").mergeable().orElseThrow().merge())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("merge the adapters in the order in which they were attached");
            assertSameBits("after the refusal", ToyOutputs.logits(base), both);
        }
    }

    @Test
    void aVectorThatIsNotFiniteIsNotMerged() {
        try (Model<LanguageHead> base = load(ToyModel.GPT2)) {
            PeftModel<?> peft = PeftModel.attach(base, Ia3Config.builder().build());
            Weight weight = peft.adapter().parameters().values().iterator().next();
            float[] values = ToyOutputs.values(weight);
            Arrays.fill(values, Float.NaN);
            try (var array = weight.scope().floats(values, weight.shape().getShape())) {
                weight.assign(array);
            }
            assertThatThrownBy(peft::mergeActive)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(
                            "NaNs detected in the merged weights. The adapter default seems to be broken");
        }
    }
}
