package io.github.peft4j.testkit;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

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
public abstract class PeftMethodContract extends PeftMethodTraining {

    /** Subclasses are made by JUnit. */
    protected PeftMethodContract() {}

    // ---- on, off, away

    @OnEachModel
    void withoutItTheModelComputesWhatItDidAndWithItAgainTheSame(ToyModel model) {
        try (Model<?> base = load(model)) {
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

    @OnEachModel
    void deletingItRestoresTheModel(ToyModel model) {
        try (Model<?> base = load(model)) {
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

    @OnEachModel
    void twoAdaptersAreApartAndGoInAnyOrder(ToyModel model) {
        for (boolean firstGoesFirst : new boolean[] {true, false}) {
            try (Model<?> base = load(model)) {
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

    @OnEachModel
    void itsFileHoldsWhatHuggingFaceWrites(ToyModel model, @TempDir Path saved) throws IOException {
        try (Model<?> base = load(model)) {
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

    @OnEachModel
    void aSavedAdapterComputesTheSameWhenLoaded(ToyModel model, @TempDir Path saved, @TempDir Path again)
            throws IOException {
        try (Model<?> base = load(model);
                Model<?> other = load(model)) {
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

    @OnEachModel
    void rowsOfABatchDoWithoutItIfTheyChooseTo(ToyModel model) {
        try (Model<?> base = load(model)) {
            float[] without = ToyOutputs.logits(base);
            PeftModel<?> peft = trained(model, base);
            List<int[]> rows = ToyTraining.rows(base).tokenIds();
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

    @OnEachModel
    void mergingKeepsTheOutputAndUnmergingRestoresTheWeights(ToyModel model) {
        try (Model<?> base = load(model)) {
            WeightSnapshot before = WeightSnapshot.of(base);
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
            before.assertUnchanged();
            assertThat(base.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @OnEachModel
    void aMergedCheckpointComputesWhatTheAdapterDid(ToyModel model, @TempDir Path merged) throws IOException {
        try (Model<?> base = load(model)) {
            PeftModel<?> peft = trained(model, base);
            Path target = merged.resolve("merged");
            if (!merges()) {
                assertThatThrownBy(() -> peft.saveMerged(target)).isInstanceOf(UnsupportedOperationException.class);
                return;
            }
            peft.saveMerged(target);
            try (Model<?> plain = model.open(target, Precision.FLOAT32)) {
                assertClose(
                        "output of the merged checkpoint", ToyOutputs.logits(plain), ToyOutputs.logits(base), CLOSE);
            }
        }
    }

    // ---- use

    @OnEachModel
    void rowsOfABatchDoNotSeeEachOther(ToyModel model) {
        try (Model<?> base = load(model)) {
            trained(model, base);
            assertClose("rows together", ToyOutputs.logits(base), ToyOutputs.logitsRowByRow(base), CLOSE);
        }
    }

    @OnEachModel
    void tokenByTokenItComputesWhatItDoesAtOnce(ToyModel model) {
        try (Model<?> base = load(model)) {
            trained(model, base);
            if (!(base.head() instanceof LanguageHead)) {
                assertThatThrownBy(() -> base.with(LanguageHead.class)).isInstanceOf(IllegalArgumentException.class);
                return;
            }
            assertClose(
                    "last logits",
                    ToyOutputs.lastLogitsTokenByToken(base.with(LanguageHead.class)),
                    ToyOutputs.lastLogits(base),
                    CLOSE);
        }
    }
}
