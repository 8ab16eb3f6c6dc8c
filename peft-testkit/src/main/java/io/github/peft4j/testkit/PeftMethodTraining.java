package io.github.peft4j.testkit;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.FiniteDifferences;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The part of {@link PeftMethodContract} on how a fresh adapter begins and how it trains. */
abstract class PeftMethodTraining extends PeftMethodStage {

    /** What another order of summing leaves of a gradient whose parts cancel out. */
    private static final double SUMMED = 1e-4;
    /** What bfloat16's eight bits leave of a few layers' outputs. */
    private static final double ROUNDED = 0.1;

    private static final int MORE_STEPS = 15;

    // ---- beginning

    @OnEachModel
    void aFreshAdapterStartsAsItsMethodPromises(ToyModel model) {
        try (Model<?> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            attach(model, base);
            if (startsAsBase()) {
                assertClose("output of a fresh adapter", ToyOutputs.logits(base), before, startTolerance());
            } else {
                assertDiffers("output of a fresh adapter", ToyOutputs.logits(base), before);
            }
        }
    }

    @OnEachModel
    void equalSeedsBeginEquallyAndOthersDoNot(ToyModel model) {
        try (Model<?> first = load(model);
                Model<?> second = load(model);
                Model<?> third = load(model)) {
            Map<String, float[]> values = ToyOutputs.values(trainable(attach(model, first)));
            ToyOutputs.values(trainable(attach(model, second)))
                    .forEach((key, again) -> assertSameBits(key, again, ToyOutputs.at(values, key)));
            Map<String, float[]> others =
                    ToyOutputs.values(trainable(PeftModel.attach(third, config(model), AttachContext.of(8))));
            if (drawsFirstValues()) {
                assertThat(others).anySatisfy((key, other) -> assertDiffers(key, other, ToyOutputs.at(values, key)));
            } else {
                others.forEach((key, other) -> assertSameBits(key, other, ToyOutputs.at(values, key)));
            }
        }
    }

    @OnEachModel
    void exactlyTheDeclaredParametersAreTrainable(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = attach(model, base);
            Set<Weight> declared = Collections.newSetFromMap(new IdentityHashMap<>());
            declared.addAll(trainable(peft).values());
            assertThat(declared).isNotEmpty().allMatch(Weight::trainable);
            base.weightsByPath()
                    .forEach((path, weight) -> assertThat(weight.trainable() && !declared.contains(weight))
                            .as(path)
                            .isFalse());
            assertThat(peft.parameterReport().trainable())
                    .isEqualTo(declared.stream().mapToLong(Weight::size).sum());
            peft.setTrainable();
            assertThat(declared).noneMatch(Weight::trainable);
        }
    }

    // ---- training

    @OnEachModel
    void trainingLeavesTheBaseModelsWeightsAlone(ToyModel model) {
        try (Model<?> base = load(model)) {
            WeightSnapshot before = WeightSnapshot.of(base);
            PeftModel<?> peft = trained(model, base);
            before.assertUnchanged();
            assertThat(before.weights().values()).allMatch(weight -> weight.gradient() == null);
            assertThat(trainable(peft)).isNotEmpty();
        }
    }

    @OnEachModel
    void everyParameterGetsAGradientAndMovesAlsoAfterAnEvaluation(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = attach(model, base);
            Map<String, float[]> before = ToyOutputs.values(trainable(peft));
            ToyOutputs.logits(base);
            train(peft, STEPS);
            ToyOutputs.logits(base);
            ToyTraining.gradients(base, ToyTraining.rows(base), false);
            trainable(peft).forEach((key, weight) -> {
                assertThat(weight.gradient()).as("gradient of %s", key).isNotNull();
                assertDiffers(key, ToyOutputs.values(weight), ToyOutputs.at(before, key));
            });
            ToyOutputs.gradients(trainable(peft))
                    .forEach((key, gradient) ->
                            assertDiffers("gradient of " + key, gradient, new float[gradient.length]));
        }
    }

    @OnEachModel
    void theLossOfATinyBatchFalls(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = attach(model, base);
            double before = ToyTraining.loss(base, ToyTraining.rows(base));
            train(peft, MORE_STEPS);
            assertThat(ToyTraining.loss(base, ToyTraining.rows(base))).isLessThan(before);
        }
    }

    @OnEachModel
    void gradientsAreWhatFiniteDifferencesSay(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            FiniteDifferences differences = new FiniteDifferences(base, ToyTraining.rows(base), longestStep());
            trainable(peft).forEach((key, weight) -> differences.assertGradient(key, weight, gradientTolerance(key)));
        }
    }

    /** What they begin with is computed once for all of them. */
    @OnEachModel
    void rowsThatBeginAlikeTrainAsEachDoesAlone(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            Batch rows = ToyTraining.rowsThatBeginAlike(base);
            double together = ToyTraining.addGradients(base, rows);
            Map<String, float[]> gradients = ToyOutputs.gradients(trainable(peft));
            trainable(peft).values().forEach(Weight::clearGradient);
            double sum = 0;
            for (Row row : rows.rows()) {
                sum += ToyTraining.addGradients(base, new Batch(List.of(row)));
            }
            assertThat(together).isCloseTo(sum, within(CLOSE * sum));
            ToyOutputs.gradients(trainable(peft))
                    .forEach((key, alone) -> assertClose(key, ToyOutputs.at(gradients, key), alone, SUMMED));
            // Where activations are dropped at random, each row's beginning is computed on its own, or this fails.
            assertThat(ToyTraining.gradients(base, rows, false)).isFinite();
        }
    }

    @OnEachModel
    void recomputationGivesTheSameGradients(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            double loss = ToyTraining.gradients(base, ToyTraining.rows(base), false);
            Map<String, float[]> kept = ToyOutputs.gradients(trainable(peft));
            trainable(peft).values().forEach(Weight::clearGradient);
            assertThat(ToyTraining.gradients(base, ToyTraining.rows(base), true))
                    .isEqualTo(loss);
            ToyOutputs.gradients(trainable(peft))
                    .forEach((key, again) -> assertClose("gradient of " + key, again, ToyOutputs.at(kept, key), CLOSE));
        }
    }

    @OnEachModel
    void stepsLeaveNothingBehind(ToyModel model) {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            int before = base.scope().liveArrays();
            train(peft, STEPS);
            ToyOutputs.logits(base);
            assertThat(base.scope().liveArrays()).isEqualTo(before);
        }
    }

    @OnEachModel
    void aBfloat16BaseTrainsAFloat32Adapter(ToyModel model) {
        try (Model<?> base = load(model, Precision.BFLOAT16)) {
            WeightSnapshot before = WeightSnapshot.of(base);
            PeftModel<?> peft = attach(model, base);
            double loss = ToyTraining.loss(base, ToyTraining.rows(base));
            train(peft, MORE_STEPS);
            assertThat(ToyTraining.loss(base, ToyTraining.rows(base))).isLessThan(loss);
            assertThat(trainable(peft).values()).allMatch(weight -> weight.precision() == Precision.FLOAT32);
            before.assertUnchanged();
        }
    }

    @OnEachModel
    void onABfloat16BaseASavedAdapterComputesNearlyTheSame(ToyModel model, @TempDir Path saved) throws IOException {
        try (Model<?> exact = load(model);
                Model<?> base = load(model, Precision.BFLOAT16)) {
            trained(model, exact).save(saved);
            PeftModel.load(base, saved);
            assertClose("output beside float32's", ToyOutputs.logits(base), ToyOutputs.logits(exact), ROUNDED);
        }
    }
}
