package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.held.AdapterModules;
import io.github.peft4j.core.internal.held.CarriedWeights;
import io.github.peft4j.core.internal.held.HeldAdapter;
import io.github.peft4j.core.internal.held.HeldAdapters;
import io.github.peft4j.core.internal.held.NewAdapters;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.report.ParameterReport;
import io.github.peft4j.core.target.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelOrigin;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Weight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PeftModelTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> model;
    private float[] base;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder, false));
        base = Toy.logits(model);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static AttachContext named(String name) {
        return new AttachContext(name, 0, true);
    }

    private PeftModel<?> attach(FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }

    private List<String> trainablePaths() {
        return List.copyOf(model.trainableWeights().keySet());
    }

    // ---- attaching

    @Test
    void aNewAdapterIsActiveAndAloneTrainable() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        assertThat(peft.model()).isSameAs(model);
        assertThat(peft.names()).containsExactly("default");
        assertThat(peft.active()).containsExactly("default");
        assertThat(trainablePaths())
                .containsExactly(
                        "model.layers.0.self_attn.q_proj.fake_factor", "model.layers.1.self_attn.q_proj.fake_factor");
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @Test
    void theBaseModelsNameIsTakenOver() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        assertThat(peft.adapter().config().common().baseModel()).isEqualTo(folder.toString());
    }

    @Test
    void anotherNameInTheConfigGivesWayWithAWarning() {
        model.setOrigin(ModelOrigin.of(folder).named("org/base"));
        FakeConfig config =
                FakeConfig.of("q_proj").withCommon(CommonSettings.forModel().withBaseModel("org/other"));
        try (Logged logged = Logged.of(NewAdapters.class)) {
            PeftModel<?> peft = attach(config);
            assertThat(peft.adapter().config().common().baseModel()).isEqualTo("org/base");
            assertThat(logged.messages(Level.WARN))
                    .containsExactly(
                            "The PEFT config's `base_model_name_or_path` was renamed from 'org/other' to 'org/base'."
                                    + " Please ensure that the correct base model is loaded when loading this checkpoint.");
        }
    }

    @Test
    void aModelThatHasAdaptersAlreadyIsPointedOut() {
        attach(FakeConfig.of("q_proj"));
        try (Logged logged = Logged.of(PeftModel.class)) {
            attach(FakeConfig.of("q_proj"));
            assertThat(logged.messages(Level.WARN))
                    .singleElement()
                    .asString()
                    .startsWith("You are trying to modify a model with PEFT for a second time.");
        }
    }

    @Test
    void aConfigThatDoesNotFitLeavesTheModelAsItWas() {
        assertThatThrownBy(() -> attach(FakeConfig.of("c_attn")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Target modules {'c_attn'} not found in the base model.");
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @Test
    void withoutAMethodForItsTypeAConfigIsRefused() {
        assertThatThrownBy(() -> PeftModel.attach(model, FakeConfig.of("q_proj")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("No fine-tuning method is registered for peft_type \"FAKE\". Registered: [].");
    }

    // ---- several

    @Test
    void anotherAdapterChangesNothingForTheFirst() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        float[] first = Toy.logits(model);
        List<String> trainable = trainablePaths();
        peft.add(FakeConfig.of("v_proj", "q_proj").withInitial(0.5), named("second"));
        assertThat(peft.names()).containsExactly("default", "second");
        assertThat(peft.active()).containsExactly("default");
        assertThat(Toy.logits(model)).containsExactly(first);
        assertThat(peft.adapter().parameters().values()).allMatch(Weight::trainable);
        assertThat(peft.adapter("second").parameters().values()).noneMatch(Weight::trainable);
        assertThat(trainablePaths()).hasSameSizeAs(trainable);
    }

    @Test
    void theActiveAdaptersAreThoseAskedFor() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        float[] first = Toy.logits(model);
        peft.add(FakeConfig.of("v_proj").withInitial(0.5), named("b"));
        peft.setActive("b");
        float[] second = Toy.logits(model);
        peft.setActive("default", "b", "b");
        assertThat(peft.active()).containsExactly("default", "b");
        assertThat(Toy.logits(model)).isNotEqualTo(first).isNotEqualTo(second);
        peft.deactivate();
        assertThat(Toy.logits(model)).containsExactly(base);
        peft.setActive("default");
        assertThat(Toy.logits(model)).containsExactly(first);
    }

    @Test
    void aNameIsTakenOnce() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        assertThatThrownBy(() -> peft.add(FakeConfig.of("v_proj"), named("default")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Adapter with name 'default' already exists.");
        assertThatThrownBy(() -> peft.load(folder, "default"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Adapter with name 'default' already exists.");
    }

    @Test
    void anAdapterThatDoesNotExistIsNamed() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
                List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                        () -> peft.adapter("x"),
                        () -> peft.setActive("default", "x"),
                        () -> peft.setTrainable("x"),
                        () -> peft.delete("x"),
                        () -> peft.save(folder.resolve("out"), List.of("default", "x")))) {
            assertThatThrownBy(call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Adapter x does not exist; there are [default]");
        }
        assertThat(peft.active()).containsExactly("default");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void theOnlyAdapterNeedsNoName() {
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj"), named("a"), FakeMethod.ALONE);
        assertThat(peft.adapter()).isSameAs(peft.adapter("a"));
        peft.add(FakeConfig.of("q_proj"), named("b"));
        assertThatThrownBy(peft::adapter).hasMessage("Adapter default does not exist; there are [a, b]");
    }

    @Test
    void exactlyTheAdaptersAskedForAreTrainable() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        peft.setTrainable("b");
        assertThat(peft.adapter("b").parameters().values()).allMatch(Weight::trainable);
        assertThat(peft.adapter("default").parameters().values()).noneMatch(Weight::trainable);
        peft.setTrainable("default", "b");
        assertThat(trainablePaths()).hasSize(4);
        peft.setTrainable();
        assertThat(trainablePaths()).isEmpty();
    }

    @Test
    void aMergedAdapterCannotBeTrained() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        peft.mergeActive();
        assertThatThrownBy(() -> peft.setTrainable("default"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("adapter 'default' is merged into the weights; call unmerge() first");
        assertThat(trainablePaths()).hasSize(2);
    }

    @Test
    void anAdapterWithNothingToTrainIsPointedOut() {
        FakeConfig empty = FakeConfig.of().targeting(TargetModules.ofPattern(TargetModules.NONE));
        assertThatThrownBy(() -> attach(empty))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("adapter 'default' has nothing to train");
        assertThat(model.modulesByPath().values()).noneMatch(io.github.peft4j.models.nn.Wrapper.class::isInstance);
    }

    @Test
    void theBaseModelCanBeAskedInBetween() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        peft.add(FakeConfig.of("v_proj").withInitial(0.5), named("b"));
        float[] adapted = Toy.logits(model);
        assertThat(peft.withoutAdapters(() -> Toy.logits(model))).containsExactly(base);
        assertThat(Toy.logits(model)).containsExactly(adapted);
        assertThat(peft.active()).containsExactly("default");
        Supplier<String> failing = () -> {
            throw new IllegalStateException("inside");
        };
        assertThatThrownBy(() -> peft.withoutAdapters(failing)).hasMessage("inside");
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    // ---- deleting

    @Test
    void aDeletedAdapterLeavesNothingBehind() {
        int live = model.scope().liveArrays();
        var modules = model.modulesByPath();
        PeftModel<?> peft =
                attach(FakeConfig.of("q_proj", "embed_tokens").saving("lm_head").withInitial(1.5));
        peft.setTrainable();
        peft.delete("default");
        assertThat(peft.names()).isEmpty();
        assertThat(model.modulesByPath()).isEqualTo(modules);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    @Test
    void whenTheActiveOneGoesTheFirstThatIsLeftTakesItsPlace() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        peft.add(FakeConfig.of("k_proj"), named("c"));
        try (Logged logged = Logged.of(HeldAdapters.class)) {
            peft.delete("c");
            assertThat(logged.messages(Level.WARN)).isEmpty();
            peft.delete("default");
            assertThat(peft.active()).containsExactly("b");
            assertThat(logged.messages(Level.WARN))
                    .containsExactly("Adapter default was active which is now deleted. Setting active adapter to b.");
        }
    }

    @Test
    void aMergedAdapterCannotBeDeleted() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        peft.mergeActive();
        assertThatThrownBy(() -> peft.delete("default"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot delete adapter(s) ['default'] while they are merged. Please unmerge them first.");
        assertThat(peft.names()).containsExactly("default");
    }

    @Test
    void unloadingBringsTheBaseModelBack() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").withInitial(1.5));
        peft.add(FakeConfig.of("v_proj", "q_proj").withInitial(0.5), named("b"));
        peft.setActive("default", "b");
        peft.mergeActive();
        peft.unload();
        assertThat(peft.names()).isEmpty();
        assertThat(Toy.logits(model)).containsExactly(base);
    }

    // ---- trained copies

    @Test
    void twoAdaptersWithCopiesOfOneLayerCannotBeActiveTogether() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head"));
        peft.add(FakeConfig.of("v_proj").saving("lm_head", "model.norm"), named("b"));
        assertThatThrownBy(() -> peft.setActive("default", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Only one adapter can be set at a time for lm_head: 'default' and 'b' each have a copy of it of"
                                + " their own");
        assertThat(peft.active()).containsExactly("default");
        peft.setActive("b");
        assertThat(peft.active()).containsExactly("b");
    }

    @Test
    void twoAdaptersThatTakeSomethingForThemselvesCannotBeActiveTogether() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        ((FakeAdapter) peft.adapter("default")).alone = Set.of("the model's input");
        ((FakeAdapter) peft.adapter("b")).alone = Set.of("the model's input");
        assertThatThrownBy(() -> peft.setActive("default", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Only one adapter can be set at a time for the model's input: 'default' and 'b' each take it"
                                + " for themselves alone");
        assertThat(peft.active()).containsExactly("default");
    }

    static IntStream seeds() {
        return IntStream.range(0, 12);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void adaptersWithCopiesOfTheSameLayersComeAndGoInAnyOrder(int seed) {
        Random random = new Random(seed);
        int live = model.scope().liveArrays();
        var weights = Toy.weights(model);
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head").withInitial(1.1));
        List<String> names = new ArrayList<>(List.of("default"));
        List<float[]> outputs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            names.add("a" + i);
            peft.add(
                    FakeConfig.of("q_proj", "v_proj")
                            .saving("lm_head", "model.norm")
                            .withInitial(1.2 + i),
                    named("a" + i));
        }
        for (String name : names) {
            peft.setActive(name);
            for (Weight weight : peft.adapter(name).parameters().values()) {
                weight.scope().kernels().scaleInto(weight.array(), 1 + random.nextDouble());
            }
            outputs.add(Toy.logits(model));
        }
        assertThat(Toy.weights(model)).isEqualTo(weights);
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        Collections.shuffle(order, random);
        List<Integer> left = new ArrayList<>(List.of(0, 1, 2, 3));
        for (int gone : order) {
            peft.delete(names.get(gone));
            left.remove((Integer) gone);
            for (int stays : left) {
                peft.setActive(names.get(stays));
                assertThat(Toy.logits(model)).containsExactly(outputs.get(stays));
            }
        }
        assertThat(Toy.logits(model)).containsExactly(base);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
    }

    // ---- reports

    @Test
    void parametersAreCountedAsHuggingFaceCountsThem() {
        // peft 0.21.2 on this architecture: 5,200 in all with 256 of LoRA, so 4,944 without.
        assertThat(model.parameterCount()).isEqualTo(4944);
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head"));
        int own = 2 * 16;
        int copy = 32 * 16;
        assertThat(peft.parameterReport()).isEqualTo(new ParameterReport(own + copy, 4944 + own + copy));
        peft.add(FakeConfig.of("v_proj"), named("b"));
        assertThat(peft.parameterReport()).isEqualTo(new ParameterReport(own + copy, 4944 + own + copy + 16));
        peft.setTrainable();
        assertThat(peft.parameterReport())
                .hasToString("trainable params: 0 || all params: 5,504 || trainable%: 0.0000");
    }

    @Test
    void aLayerThatStandsInThePlaceOfAnotherIsNotCountedBesideIt() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        ParameterReport before = peft.parameterReport();
        Substitute substitute = BaseModules.of(model)
                .substitute(
                        "lm_head",
                        base -> base.withWeights(weight -> new Weight(
                                weight.name(),
                                weight.scope().kernels().copy(weight.array()),
                                weight.precision(),
                                weight.scope(),
                                false)));
        assertThat(peft.parameterReport()).isEqualTo(before);
        substitute.use(false);
        assertThat(peft.parameterReport()).isEqualTo(before);
    }

    @Test
    void theReportReadsAsHuggingFacesDoes() {
        assertThat(new ParameterReport(448, 6736))
                .hasToString("trainable params: 448 || all params: 6,736 || trainable%: 6.6508");
        assertThat(new ParameterReport(0, 0)).hasToString("trainable params: 0 || all params: 0 || trainable%: 0.0000");
    }

    @Test
    void theStatusSaysWhereAdaptersSit() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj").saving("lm_head"));
        peft.add(FakeConfig.of("v_proj", "lm_head"), named("b"));
        peft.mergeActive();
        assertThat(peft.status().adapters())
                .element(0)
                .satisfies(status -> assertThat(status.modules())
                        .containsEntry("model.layers.1.self_attn.q_proj", List.of("fake_factor"))
                        .containsEntry("lm_head", List.of("weight"))
                        .hasSize(3));
        assertThat(peft.status().adapters()).asString().isEqualTo("""
                        LlamaForCausalLM with 2 adapters
                        default: FAKE, active, trainable, merged, 544 parameters
                          lm_head: weight
                          model.layers.N.self_attn.q_proj: fake_factor x 2
                        b: FAKE, not active, frozen, 48 parameters
                          lm_head: fake_factor
                          model.layers.N.self_attn.v_proj: fake_factor x 2""");
        peft.unload();
        assertThat(peft.status().adapters()).asString().isEqualTo("LlamaForCausalLM with 0 adapters");
    }

    @Test
    void parametersOfNoModuleBelongToTheModelItself() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        HeldAdapter held = new HeldAdapter(
                "p",
                new ForwardingAdapter(peft.adapter(), "prompt_embeddings"),
                java.util.Map.of(),
                new CarriedWeights(model),
                null);
        assertThat(AdapterModules.status(held, BaseModules.of(model)))
                .hasToString("p: FAKE, active, trainable, 16 parameters\n  (model): prompt_embeddings");
    }

    @Test
    void theLayersOfAPromptAreFoundUnderItsShorterPrefix() {
        PeftModel<?> peft = attach(FakeConfig.of("q_proj"));
        HeldAdapter held = new HeldAdapter(
                "p",
                new ForwardingAdapter(peft.adapter(), "base_model.model.norm.weight"),
                java.util.Map.of(),
                new CarriedWeights(model),
                null);
        assertThat(AdapterModules.status(held, BaseModules.of(model)))
                .hasToString("p: FAKE, active, trainable, 16 parameters\n  model.norm: weight");
    }

    /** One adapter's first parameter under another key. */
    private record ForwardingAdapter(Adapter other, String key) implements Adapter {
        @Override
        public PeftConfig config() {
            return other.config();
        }

        @Override
        public java.util.Map<String, Weight> parameters() {
            return java.util.Map.of(key, other.parameters().values().iterator().next());
        }

        @Override
        public void setEnabled(boolean enabled) {
            other.setEnabled(enabled);
        }

        @Override
        public boolean isEnabled() {
            return other.isEnabled();
        }

        @Override
        public void remove() {
            other.remove();
        }
    }
}
