package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.held.NewAdapters;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class PeftModelTest extends AdaptedToy {

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
        try (Logged logged = Logged.of(NewAdapters.class)) {
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
}
