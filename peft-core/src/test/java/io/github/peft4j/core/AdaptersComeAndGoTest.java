package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.internal.held.HeldAdapters;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that are deleted, and those that exclude each other. */
final class AdaptersComeAndGoTest extends AdaptedToy {

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
}
