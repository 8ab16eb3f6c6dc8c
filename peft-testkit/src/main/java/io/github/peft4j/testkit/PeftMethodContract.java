package io.github.peft4j.testkit;

import static io.github.peft4j.testkit.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every fine-tuning method must keep, as tests: extend this class once for each kind of setting that matters, say which config to
 * test and which tensors it saves, and run it with the method on the class path.
 *
 * <pre>{@code
 * class LoraContractTest extends PeftMethodContract {
 *     protected PeftConfig config(ToyModel model) {
 *         return LoraConfig.builder(2, 4).build();
 *     }
 *
 *     protected Map<String, List<Long>> savedTensors(ToyModel model) { ... }
 * }
 * }</pre>
 *
 * <p>Each test runs on each of {@link #models}, in float32 unless it says otherwise. What a method does not promise is said by overriding
 * {@link #startsAsBase}, {@link #merges} and the like, see {@link PeftMethodPromises}, and is then checked to fail as documented, not
 * skipped. Equal to the bit means equal to the bit.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class PeftMethodContract extends PeftMethodPromises {

    private static final double CLOSE = 1e-5;
    /** What another order of summing leaves of a gradient whose parts cancel out. */
    private static final double SUMMED = 1e-4;
    /** What bfloat16's eight bits leave of a few layers' outputs. */
    private static final double ROUNDED = 0.1;

    private static final int STEPS = 3;
    private static final int MORE_STEPS = 15;

    @TempDir
    private Path folder;

    /** Subclasses are made by JUnit. */
    protected PeftMethodContract() {}

    // ---- stage

    private Model<LanguageHead> load(ToyModel model, Precision precision) {
        return model.load(folder.resolve(model.name()), precision);
    }

    private Model<LanguageHead> load(ToyModel model) {
        return load(model, Precision.FLOAT32);
    }

    private PeftModel<?> attach(ToyModel model, Model<LanguageHead> base) {
        return PeftModel.attach(base, config(model), AttachContext.of(7));
    }

    private static Map<String, Weight> trainable(PeftModel<?> peft) {
        return peft.adapter().trainable();
    }

    private void train(PeftModel<?> peft, int steps) {
        ToyTraining.train(peft, steps, learningRate());
    }

    private PeftModel<?> trained(ToyModel model, Model<LanguageHead> base) {
        PeftModel<?> peft = attach(model, base);
        train(peft, STEPS);
        return peft;
    }

    // ---- beginning

    @ParameterizedTest
    @MethodSource("models")
    void aFreshAdapterStartsAsItsMethodPromises(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            attach(model, base);
            if (startsAsBase()) {
                assertClose("output of a fresh adapter", ToyOutputs.logits(base), before, startTolerance());
            } else {
                assertDiffers("output of a fresh adapter", ToyOutputs.logits(base), before);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void equalSeedsBeginEquallyAndOthersDoNot(ToyModel model) {
        try (Model<LanguageHead> first = load(model);
                Model<LanguageHead> second = load(model);
                Model<LanguageHead> third = load(model)) {
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

    @ParameterizedTest
    @MethodSource("models")
    void exactlyTheDeclaredParametersAreTrainable(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
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

    @ParameterizedTest
    @MethodSource("models")
    void trainingLeavesTheBaseModelsWeightsAlone(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            Map<String, Weight> weights = base.weightsByPath();
            Map<String, float[]> before = ToyOutputs.values(weights);
            PeftModel<?> peft = trained(model, base);
            weights.forEach(
                    (path, weight) -> assertSameBits(path, ToyOutputs.values(weight), ToyOutputs.at(before, path)));
            assertThat(weights.values()).allMatch(weight -> weight.gradient() == null);
            assertThat(trainable(peft)).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyParameterGetsAGradientAndMovesAlsoAfterAnEvaluation(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = attach(model, base);
            Map<String, float[]> before = ToyOutputs.values(trainable(peft));
            ToyOutputs.logits(base);
            train(peft, STEPS);
            ToyOutputs.logits(base);
            ToyTraining.gradients(base, ToyTraining.rows(), false);
            trainable(peft).forEach((key, weight) -> {
                assertThat(weight.gradient()).as("gradient of %s", key).isNotNull();
                assertDiffers(key, ToyOutputs.values(weight), ToyOutputs.at(before, key));
            });
            ToyOutputs.gradients(trainable(peft))
                    .forEach((key, gradient) ->
                            assertDiffers("gradient of " + key, gradient, new float[gradient.length]));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theLossOfATinyBatchFalls(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = attach(model, base);
            double before = ToyTraining.loss(base, ToyTraining.rows());
            train(peft, MORE_STEPS);
            assertThat(ToyTraining.loss(base, ToyTraining.rows())).isLessThan(before);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsAreWhatFiniteDifferencesSay(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            FiniteDifferences differences = new FiniteDifferences(base, ToyTraining.rows(), longestStep());
            trainable(peft).forEach((key, weight) -> differences.assertGradient(key, weight, gradientTolerance(key)));
        }
    }

    /** What they begin with is computed once for all of them. */
    @ParameterizedTest
    @MethodSource("models")
    void rowsThatBeginAlikeTrainAsEachDoesAlone(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            Batch rows = ToyTraining.rowsThatBeginAlike();
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

    @ParameterizedTest
    @MethodSource("models")
    void recomputationGivesTheSameGradients(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            double loss = ToyTraining.gradients(base, ToyTraining.rows(), false);
            Map<String, float[]> kept = ToyOutputs.gradients(trainable(peft));
            trainable(peft).values().forEach(Weight::clearGradient);
            assertThat(ToyTraining.gradients(base, ToyTraining.rows(), true)).isEqualTo(loss);
            ToyOutputs.gradients(trainable(peft))
                    .forEach((key, again) -> assertClose("gradient of " + key, again, ToyOutputs.at(kept, key), CLOSE));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void stepsLeaveNothingBehind(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            int before = base.scope().liveArrays();
            train(peft, STEPS);
            ToyOutputs.logits(base);
            assertThat(base.scope().liveArrays()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aBfloat16BaseTrainsAFloat32Adapter(ToyModel model) {
        try (Model<LanguageHead> base = load(model, Precision.BFLOAT16)) {
            Map<String, Weight> weights = base.weightsByPath();
            Map<String, float[]> before = ToyOutputs.values(weights);
            PeftModel<?> peft = attach(model, base);
            double loss = ToyTraining.loss(base, ToyTraining.rows());
            train(peft, MORE_STEPS);
            assertThat(ToyTraining.loss(base, ToyTraining.rows())).isLessThan(loss);
            assertThat(trainable(peft).values()).allMatch(weight -> weight.precision() == Precision.FLOAT32);
            weights.forEach(
                    (path, weight) -> assertSameBits(path, ToyOutputs.values(weight), ToyOutputs.at(before, path)));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void onABfloat16BaseASavedAdapterComputesNearlyTheSame(ToyModel model, @TempDir Path saved) throws IOException {
        try (Model<LanguageHead> exact = load(model);
                Model<LanguageHead> base = load(model, Precision.BFLOAT16)) {
            trained(model, exact).save(saved);
            PeftModel.load(base, saved);
            assertClose("output beside float32's", ToyOutputs.logits(base), ToyOutputs.logits(exact), ROUNDED);
        }
    }

    // ---- on, off, away

    @ParameterizedTest
    @MethodSource("models")
    void withoutItTheModelComputesWhatItDidAndWithItAgainTheSame(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            PeftModel<?> peft = trained(model, base);
            float[] adapted = ToyOutputs.logits(base);
            assertDiffers("output of the trained adapter", adapted, before);
            assertSameBits("output without it", peft.withoutAdapters(() -> ToyOutputs.logits(base)), before);
            assertSameBits("output with it again", ToyOutputs.logits(base), adapted);
            peft.deactivate();
            assertSameBits("output with none active", ToyOutputs.logits(base), before);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void deletingItRestoresTheModel(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            float[] before = ToyOutputs.logits(base);
            Map<String, ?> modules = base.modulesByPath();
            int arrays = base.scope().liveArrays();
            PeftModel<?> peft = trained(model, base);
            peft.delete(AttachContext.DEFAULT_NAME);
            assertThat(base.modulesByPath()).isEqualTo(modules);
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
            assertSameBits("output after deleting it", ToyOutputs.logits(base), before);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void twoAdaptersAreApartAndGoInAnyOrder(ToyModel model) {
        for (boolean firstGoesFirst : new boolean[] {true, false}) {
            try (Model<LanguageHead> base = load(model)) {
                float[] before = ToyOutputs.logits(base);
                PeftModel<?> peft = PeftModel.attach(base, config(model), new AttachContext("first", 1, true));
                train(peft, STEPS);
                float[] first = ToyOutputs.logits(base);
                AttachContext context = new AttachContext("second", 2, true);
                if (refusalOfASecond(model) != null) {
                    assertThatThrownBy(() -> peft.add(config(model), context))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining(refusalOfASecond(model));
                    assertSameBits("the first after the refusal", ToyOutputs.logits(base), first);
                    continue;
                }
                peft.add(config(model), context);
                assertSameBits("the first beside a second", ToyOutputs.logits(base), first);
                peft.setActive("second");
                peft.setTrainable("second");
                train(peft, STEPS + 1);
                float[] second = ToyOutputs.logits(base);
                assertDiffers("outputs of the two", first, second);
                peft.setActive("first");
                assertSameBits("the first again", ToyOutputs.logits(base), first);
                peft.delete(firstGoesFirst ? "first" : "second");
                String left = firstGoesFirst ? "second" : "first";
                peft.setActive(left);
                assertSameBits("the one that is left", ToyOutputs.logits(base), firstGoesFirst ? second : first);
                peft.delete(left);
                assertSameBits("the base model", ToyOutputs.logits(base), before);
            }
        }
    }

    // ---- files

    @ParameterizedTest
    @MethodSource("models")
    void itsFileHoldsWhatHuggingFaceWrites(ToyModel model, @TempDir Path saved) throws IOException {
        try (Model<LanguageHead> base = load(model)) {
            attach(model, base).save(saved);
            try (GoldenTensors file = GoldenTensors.open(saved.resolve(AdapterStore.WEIGHTS))) {
                assertThat(file.shapes("")).isEqualTo(new TreeMap<>(savedTensors(model)));
                assertThat(file.metadata("format")).isEqualTo("pt");
            }
            assertThat(saved.resolve(AdapterStore.CONFIG))
                    .content()
                    .contains("\"peft_type\": \"" + config(model).peftType() + "\"");
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aSavedAdapterComputesTheSameWhenLoaded(ToyModel model, @TempDir Path saved, @TempDir Path again)
            throws IOException {
        try (Model<LanguageHead> base = load(model);
                Model<LanguageHead> other = load(model)) {
            PeftModel<?> peft = trained(model, base);
            peft.save(saved);
            PeftModel<?> loaded = PeftModel.load(other, saved);
            assertSameBits("output of the loaded adapter", ToyOutputs.logits(other), ToyOutputs.logits(base));
            assertThat(trainable(loaded).values()).noneMatch(Weight::trainable);
            loaded.save(again);
            for (String file : List.of(AdapterStore.WEIGHTS, AdapterStore.CONFIG)) {
                assertThat(again.resolve(file)).hasSameBinaryContentAs(saved.resolve(file));
            }
            if (resumesFromFile()) {
                loaded.setTrainable(AttachContext.DEFAULT_NAME);
                peft.setTrainable(AttachContext.DEFAULT_NAME);
                train(loaded, 1);
                train(peft, 1);
                assertSameBits("output after one more step", ToyOutputs.logits(other), ToyOutputs.logits(base));
            }
        }
    }

    // ---- rows

    @ParameterizedTest
    @MethodSource("models")
    void rowsOfABatchDoWithoutItIfTheyChooseTo(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            float[] without = ToyOutputs.logits(base);
            PeftModel<?> peft = trained(model, base);
            List<int[]> rows = ToyTraining.rows().tokenIds();
            List<String> names = IntStream.range(0, rows.size())
                    .mapToObj(row -> row % 2 == 0 ? AttachContext.DEFAULT_NAME : PeftModel.BASE)
                    .toList();
            if (peft.adapter().rowModules().isEmpty()) {
                assertThatThrownBy(() -> peft.selectRows(names))
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("cannot be used for some rows of a batch only");
                return;
            }
            float[] with = ToyOutputs.logits(base);
            float[] mixed = ToyOutputs.logits(base, peft.selectRows(names));
            int at = 0;
            for (int row = 0; row < rows.size(); row++) {
                int end = at + rows.get(row).length * ToyModel.VOCABULARY;
                float[] expected = Arrays.copyOfRange(row % 2 == 0 ? with : without, at, end);
                assertClose("row " + row, Arrays.copyOfRange(mixed, at, end), expected, CLOSE);
                at = end;
            }
            assertThat(at).isEqualTo(mixed.length);
        }
    }

    // ---- merging

    @ParameterizedTest
    @MethodSource("models")
    void mergingKeepsTheOutputAndUnmergingRestoresTheWeights(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            Map<String, Weight> weights = base.weightsByPath();
            Map<String, float[]> before = ToyOutputs.values(weights);
            PeftModel<?> peft = trained(model, base);
            float[] adapted = ToyOutputs.logits(base);
            if (!merges()) {
                assertThatThrownBy(peft::mergeActive)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("cannot be merged into the base model's weights");
                assertSameBits("output after the refusal", ToyOutputs.logits(base), adapted);
                return;
            }
            int arrays = base.scope().liveArrays();
            assertThat(peft.mergeActive().largest()).isPositive();
            float[] merged = ToyOutputs.logits(base);
            assertClose("merged output", merged, adapted, CLOSE);
            assertThat(peft.mergeActive()).as("change by merging again").isEqualTo(WeightChange.NONE);
            assertSameBits("output merged again", ToyOutputs.logits(base), merged);
            peft.unmerge();
            assertSameBits("unmerged output", ToyOutputs.logits(base), adapted);
            weights.forEach(
                    (path, weight) -> assertSameBits(path, ToyOutputs.values(weight), ToyOutputs.at(before, path)));
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void aMergedCheckpointComputesWhatTheAdapterDid(ToyModel model, @TempDir Path merged) throws IOException {
        try (Model<LanguageHead> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            Path target = merged.resolve("merged");
            if (!merges()) {
                assertThatThrownBy(() -> peft.saveMerged(target)).isInstanceOf(UnsupportedOperationException.class);
                return;
            }
            peft.saveMerged(target);
            try (Model<LanguageHead> plain = model.load(target, Precision.FLOAT32)) {
                assertClose(
                        "output of the merged checkpoint", ToyOutputs.logits(plain), ToyOutputs.logits(base), CLOSE);
            }
        }
    }

    // ---- use

    @ParameterizedTest
    @MethodSource("models")
    void rowsOfABatchDoNotSeeEachOther(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            trained(model, base);
            assertClose("rows together", ToyOutputs.logits(base), ToyOutputs.logitsRowByRow(base), CLOSE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void tokenByTokenItComputesWhatItDoesAtOnce(ToyModel model) {
        try (Model<LanguageHead> base = load(model)) {
            trained(model, base);
            assertClose("last logits", ToyOutputs.lastLogitsTokenByToken(base), ToyOutputs.lastLogits(base), CLOSE);
        }
    }
}
