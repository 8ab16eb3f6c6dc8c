package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.github.peft4j.core.internal.held.HeldAdapters;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Weight;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MergeTest {

    @TempDir
    private Path folder;

    private Model<LanguageHead> model;
    private float[] base;
    private Map<String, List<Float>> weights;
    private PeftModel<?> peft;
    private float[] adapted;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder, false));
        base = Toy.logits(model);
        weights = Toy.weights(model);
        peft = PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(1.5), AttachContext.of(0), FakeMethod.ALONE);
        adapted = Toy.logits(model);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private void add(String name, String target, double factor) {
        peft.add(FakeConfig.of(target).withInitial(factor), new AttachContext(name, 0, true));
    }

    private static void scale(Adapter adapter, double factor) {
        Weight weight = adapter.parameters().values().iterator().next();
        weight.scope().kernels().scaleInto(weight.array(), factor);
    }

    @Test
    void aMergedModelComputesTheSameFromItsWeightsAlone() {
        double change = peft.mergeActive().largest();
        assertThat(change).isPositive();
        assertThat(Toy.weights(model)).isNotEqualTo(weights);
        assertThat(Toy.logits(model)).containsExactly(adapted, Offset.offset(1e-5f));
    }

    @Test
    void takenOutAgainEveryBitIsAsBefore() {
        peft.mergeActive();
        peft.unmerge();
        assertThat(Toy.weights(model)).isEqualTo(weights);
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void theLargestChangeIsReported() {
        add("b", "k_proj", 3);
        peft.setActive("default", "b");
        double change = peft.mergeActive().largest();
        Map<String, List<Float>> after = Toy.weights(model);
        double largest = 0;
        for (Map.Entry<String, List<Float>> entry : weights.entrySet()) {
            for (int i = 0; i < entry.getValue().size(); i++) {
                largest = Math.max(
                        largest,
                        Math.abs(after.get(entry.getKey()).get(i)
                                - entry.getValue().get(i)));
            }
        }
        assertThat(change).isEqualTo(largest);
    }

    @Test
    void mergingTwiceDoesNothingButSaySo() {
        peft.mergeActive();
        float[] merged = Toy.logits(model);
        try (Logged logged = Logged.of(HeldAdapters.class)) {
            assertThat(peft.mergeActive()).isEqualTo(WeightChange.NONE);
            assertThat(logged.messages(Level.WARN)).containsExactly("All adapters are already merged, nothing to do.");
        }
        assertThat(Toy.logits(model)).containsExactly(merged);
    }

    @Test
    void anAdapterThatCannotBeMergedStopsAllOthers() {
        add("b", "v_proj", 2);
        peft.setActive("default", "b");
        ((FakeAdapter) peft.adapter("b")).canMerge = false;
        assertThatThrownBy(peft::mergeActive)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("adapter 'b' of type FAKE cannot be merged into the base model's weights");
        assertThat(Toy.weights(model)).isEqualTo(weights);
    }

    @Test
    void whatWouldNotBeFiniteIsNotMergedNorIsAnythingElse() {
        add("b", "v_proj", 2);
        peft.setActive("default", "b");
        scale(peft.adapter("b"), Double.POSITIVE_INFINITY);
        assertThatThrownBy(peft::mergeActive)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("NaNs detected in the merged weights.");
        assertThat(Toy.weights(model)).isEqualTo(weights);
        assertThat(peft.status().adapters()).noneMatch(ModelStatus.OfAdapter::merged);
    }

    @Test
    void settingOthersTakesTheMergedOutFirst() {
        add("b", "v_proj", 2);
        peft.mergeActive();
        try (Logged logged = Logged.of(HeldAdapters.class)) {
            peft.setActive("b");
            assertThat(logged.messages(Level.WARN))
                    .containsExactly("Adapters are merged while other adapters are set. Unmerging the model first.");
        }
        assertThat(Toy.weights(model)).isEqualTo(weights);
        peft.setActive("default");
        assertThat(Toy.logits(model)).containsExactly(adapted);
    }

    @Test
    void aNewAdapterIsPutOnTheBaseModelNotOnTheMergedOne() {
        peft.mergeActive();
        add("b", "q_proj", 2);
        assertThat(peft.status().adapters()).noneMatch(ModelStatus.OfAdapter::merged);
        assertThat(Toy.weights(model)).isEqualTo(weights);
    }

    @Test
    void theBaseModelCanBeAskedWhileAdaptersAreMerged() {
        peft.mergeActive();
        float[] merged = Toy.logits(model);
        assertThat(peft.withoutAdapters(() -> Toy.logits(model))).containsExactly(base);
        assertThat(peft.status().adapters()).allMatch(ModelStatus.OfAdapter::merged);
        assertThat(Toy.logits(model)).containsExactly(merged);
        peft.unmerge();
        assertThat(Toy.weights(model)).isEqualTo(weights);
    }

    @Test
    void severalAdaptersOnOneLayerAreMergedAndTakenOutInTurn() {
        add("b", "q_proj", 0.5);
        peft.setActive("default", "b");
        float[] both = Toy.logits(model);
        peft.mergeActive();
        assertThat(Toy.logits(model)).containsExactly(both, Offset.offset(1e-5f));
        peft.unmerge();
        assertThat(Toy.weights(model)).isEqualTo(weights);
        assertThat(Toy.logits(model)).containsExactly(both);
    }

    @Test
    void whatCannotBeAddedLeavesTheMergedAsTheyAre() {
        peft.mergeActive();
        float[] merged = Toy.logits(model);
        assertThatThrownBy(() -> add("b", "nowhere", 2)).hasMessageStartingWith("Target modules {'nowhere'} not found");
        assertThat(peft.status().adapters()).allMatch(ModelStatus.OfAdapter::merged);
        assertThat(Toy.logits(model)).containsExactly(merged);
    }
}
