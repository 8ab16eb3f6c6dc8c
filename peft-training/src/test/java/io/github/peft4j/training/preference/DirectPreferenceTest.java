package io.github.peft4j.training.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyTraining;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An objective of one's own comes in by the public doors alone. */
class DirectPreferenceTest {

    private static final List<Row> ROWS = List.of(
            new Row(new int[] {3, 7, 11}, new Row.Target.Preference(new int[] {5, 9}, new int[] {8, 2, 4})),
            new Row(new int[] {3, 7, 12, 6}, new Row.Target.Preference(new int[] {1}, new int[] {10})));

    @TempDir
    private Path folder;

    private static PeftModel<Model<LanguageHead>> attach(Model<LanguageHead> base) {
        PeftModel<Model<LanguageHead>> peft = PeftModel.attach(
                base, LoraConfig.builder(2, 4).targetModules("q_proj", "v_proj").build());
        peft.setTrainable("default");
        return peft;
    }

    @Test
    void learnsToPreferWhatWasChosen() throws Exception {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            PeftModel<Model<LanguageHead>> peft = attach(base);
            List<TrainingListener.Step> steps = new ArrayList<>();
            TrainingConfig config = TrainingConfig.builder()
                    .steps(30)
                    .batchSize(1)
                    .accumulation(2)
                    .learningRate(2e-2)
                    .build();
            FineTuner.of(peft, config)
                    .objective(new DirectPreference(peft, 0.5))
                    .listener(new TrainingListener() {
                        @Override
                        public void step(TrainingListener.Step report) {
                            steps.add(report);
                        }
                    })
                    .train(ROWS);
            // The adapter changes nothing yet.
            assertThat(steps.get(0).loss()).isCloseTo(Math.log(2), within(1e-6));
            assertThat(steps.get(0).supervisedTokens()).isEqualTo(2);
            assertThat(steps.get(29).loss()).isLessThan(0.1);
        }
    }

    @Test
    void gradientsFlowThroughBothOfEachPair() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            PeftModel<Model<LanguageHead>> peft = attach(base);
            Weight weight = peft.adapter().trainable().values().stream()
                    .reduce((first, second) -> second)
                    .orElseThrow();
            Objective objective = new DirectPreference(peft, 0.5);
            Batch batch = new Batch(ROWS);
            // The reference switches the adapter off, as in a step, which has the model for itself.
            try (Lease alone = base.leases().change();
                    Forward context = Forward.recording(base.scope(), new Forward.Recording(0, false, false))) {
                objective.loss(context, base, batch, 1);
                context.backward();
            }
            float[] gradient = base.scope().kernels().toFloats(weight.gradient());
            float[] values = base.scope().kernels().toFloats(weight.array());
            int place = largest(gradient);
            double step = 1e-2;
            double slope = (loss(base, objective, batch, weight, values, place, step)
                            - loss(base, objective, batch, weight, values, place, -step))
                    / (2 * step);
            assertThat((double) gradient[place]).isNotZero().isCloseTo(slope, within(1e-2 * Math.abs(slope)));
        }
    }

    private static int largest(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            largest = Math.abs(values[i]) > Math.abs(values[largest]) ? i : largest;
        }
        return largest;
    }

    private static double loss(
            Model<?> model, Objective objective, Batch batch, Weight weight, float[] values, int place, double step) {
        float[] moved = values.clone();
        moved[place] += (float) step;
        try (Lease alone = model.leases().change();
                NDArray array = model.scope().floats(moved, weight.shape().getShape());
                Forward context = Forward.inference(model.scope())) {
            weight.assign(array);
            return objective.loss(context, model, batch, 1);
        }
    }

    @Test
    void sumsAreThoseOfTheRowsAlone() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            List<Row> rows = ToyTraining.rowsThatBeginAlike().rows();
            float[] together = sums(base, rows);
            for (int row = 0; row < rows.size(); row++) {
                Batch alone = new Batch(List.of(rows.get(row)));
                double loss = base.head().objective().items(base, alone) * ToyTraining.loss(base, alone);
                assertThat((double) together[row]).isCloseTo(-loss, within(1e-4));
            }
        }
    }

    @Test
    void rowsWithNothingToPredictHaveNoSum() {
        try (Model<LanguageHead> base = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            Row silent = Row.of(new int[] {3, 4}, new int[] {Row.Target.IGNORED, Row.Target.IGNORED});
            assertThat(sums(base, List.of(silent))).containsExactly(0);
            assertThat(sums(base, List.of(silent, Row.of(new int[] {3, 4}, new int[] {3, 4})))[0])
                    .isZero();
        }
    }

    private static float[] sums(Model<?> model, List<Row> rows) {
        try (Forward context = Forward.inference(model.scope())) {
            return context.kernels()
                    .toFloats(LanguageHead.rowLogProbabilities(context, model, new Batch(rows))
                            .array());
        }
    }
}
