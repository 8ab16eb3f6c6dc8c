package io.github.peft4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeTest {

    private static final int WIDTH = 24;
    private static final double C = 0.5;

    @TempDir
    private Path folder;

    private Model<SequenceHead> load(Map<String, Object> config) throws IOException {
        Path base = ToyCheckpoint.write(folder.resolve("base"), Golden.at("runs", "llama-full", "config"));
        return Models.load(base, LoadOptions.on(Device.cpu()).withConfig(config), SequenceHead.class);
    }

    /** The golden rows with a label each. */
    private static List<Row> labelled(int classes) {
        List<Row> rows = new ArrayList<>();
        for (Row row : Golden.rows()) {
            rows.add(new Row(row.tokenIds(), new Row.Target.Label(rows.size() % classes)));
        }
        return rows;
    }

    private static List<Row> scored(int outputs, double threshold) {
        List<Row> rows = new ArrayList<>();
        for (Row row : Golden.rows()) {
            float[] values = ToyCheckpoint.values("row " + rows.size(), outputs, 4, 0);
            for (int i = 0; i < values.length && !Double.isNaN(threshold); i++) {
                values[i] = values[i] > threshold ? 1 : 0;
            }
            rows.add(new Row(row.tokenIds(), new Row.Target.Scores(values)));
        }
        return rows;
    }

    private static List<float[]> logits(Model<SequenceHead> model, List<Row> rows) {
        return new SequenceClassifier(model).logits(rows);
    }

    /** What the head is given for a row: its last hidden state. */
    private static float[] features(Model<?> model, Row row) {
        try (Scope scope = model.scope().child();
                NDArray hidden = model.hiddenStates(scope, ModelInput.of(List.of(row.tokenIds())))) {
            float[] values = hidden.toFloatArray();
            return Arrays.copyOfRange(values, values.length - WIDTH, values.length);
        }
    }

    private static float[] head(Model<?> model) {
        return model.head().outputWeight().array().toFloatArray();
    }

    /** At the minimum, C times the gradient of the losses is minus the weights, output by output. */
    private static void assertBest(Model<SequenceHead> model, List<Row> rows, double[][] errors, double[][] weights) {
        for (int output = 0; output < weights.length; output++) {
            double[] sum = new double[WIDTH];
            for (int row = 0; row < rows.size(); row++) {
                float[] x = features(model, rows.get(row));
                for (int j = 0; j < WIDTH; j++) {
                    sum[j] += C * errors[row][output] * x[j];
                }
            }
            for (int j = 0; j < WIDTH; j++) {
                assertThat(sum[j]).isCloseTo(-weights[output][j], within(1e-4));
            }
        }
    }

    private static double[][] rows(float[] flat) {
        double[][] rows = new double[flat.length / WIDTH][WIDTH];
        for (int i = 0; i < flat.length; i++) {
            rows[i / WIDTH][i % WIDTH] = flat[i];
        }
        return rows;
    }

    @Test
    void ofTwoClassesTheDifferenceOfOutputsIsALogisticRegression() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 2))) {
            List<Row> rows = labelled(2);
            TrainingResult result = Probe.of(model, C).fit(rows);
            assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(result.steps()).isPositive();
            assertThat(result.trainableParameters()).isEqualTo(2 * WIDTH);
            assertThat(result.allParameters()).isEqualTo(model.parameterCount());
            double[][] weights = rows(head(model));
            double[] difference = new double[WIDTH];
            Arrays.setAll(difference, j -> weights[1][j] - weights[0][j]);
            List<float[]> logits = logits(model, rows);
            double[][] errors = new double[rows.size()][1];
            for (int i = 0; i < errors.length; i++) {
                double p = 1 / (1 + Math.exp(logits.get(i)[0] - logits.get(i)[1]));
                errors[i][0] = p - i % 2;
            }
            assertBest(model, rows, errors, new double[][] {difference});
        }
    }

    @Test
    void moreClassesAreAMultinomialRegression() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 3))) {
            List<Row> rows = labelled(3);
            Probe.of(model, C).fit(rows);
            List<float[]> logits = logits(model, rows);
            double[][] errors = new double[rows.size()][];
            for (int i = 0; i < errors.length; i++) {
                errors[i] = new SequenceClassifier(model).scores(logits.get(i));
                errors[i][i % 3] -= 1;
            }
            assertBest(model, rows, errors, rows(head(model)));
        }
    }

    @Test
    void severalLabelsAreALogisticRegressionEach() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 3))) {
            List<Row> rows = scored(3, 0);
            Probe.of(model, C).fit(rows);
            assertBest(
                    model,
                    rows,
                    errors(model, rows, SequenceClassification.ProblemType.MULTI_LABEL_CLASSIFICATION),
                    rows(head(model)));
        }
    }

    @Test
    void valuesAreARidgeRegressionEach() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 2, "problem_type", "regression"))) {
            List<Row> rows = scored(2, Double.NaN);
            Probe.of(model, C).fit(rows);
            assertBest(
                    model, rows, errors(model, rows, SequenceClassification.ProblemType.REGRESSION), rows(head(model)));
        }
    }

    private static double[][] errors(
            Model<SequenceHead> model, List<Row> rows, SequenceClassification.ProblemType type) {
        List<float[]> logits = logits(model, rows);
        double[][] errors = new double[rows.size()][];
        for (int i = 0; i < errors.length; i++) {
            float[] wanted = ((Row.Target.Scores) rows.get(i).target()).values();
            errors[i] = new double[wanted.length];
            for (int o = 0; o < wanted.length; o++) {
                double output = logits.get(i)[o];
                boolean value = type == SequenceClassification.ProblemType.REGRESSION;
                errors[i][o] = (value ? output : 1 / (1 + Math.exp(-output))) - wanted[o];
            }
        }
        return errors;
    }

    @Test
    void nothingButTheHeadChangesAndAnotherProbeFindsTheSame() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 3))) {
            Map<String, float[]> before = new TreeMap<>();
            model.weightsByPath()
                    .forEach((name, weight) -> before.put(name, weight.array().toFloatArray()));
            Probe.of(model, C).fit(labelled(3));
            float[] found = head(model);
            assertThat(found).isNotEqualTo(before.remove("score.weight"));
            assertThat(model.trainableWeights()).containsOnlyKeys("score.weight");
            Map<String, Weight> after = new TreeMap<>(model.weightsByPath());
            after.remove("score.weight");
            assertThat(after.keySet()).isEqualTo(before.keySet());
            after.forEach((name, weight) ->
                    assertThat(weight.array().toFloatArray()).as(name).containsExactly(before.get(name)));
            Probe.of(model, C).fit(labelled(3));
            assertThat(head(model)).containsExactly(found);
        }
    }

    @Test
    void whatIsSavedIsACheckpointThatSaysTheSame() throws Exception {
        Path saved = folder.resolve("saved");
        List<Row> rows = labelled(3);
        List<float[]> logits;
        try (Model<SequenceHead> model = load(Map.of("num_labels", 3))) {
            Probe probe = Probe.of(model, C);
            probe.fit(rows);
            logits = logits(model, rows);
            probe.save(saved);
        }
        try (Model<SequenceHead> again = Models.load(saved, LoadOptions.on(Device.cpu()), SequenceHead.class)) {
            assertThat(again.head().newLayers()).isEmpty();
            assertThat(again.head().labels().count()).isEqualTo(3);
            List<float[]> read = logits(again, rows);
            for (int i = 0; i < logits.size(); i++) {
                assertThat(read.get(i)).containsExactly(logits.get(i), within(1e-6f));
            }
        }
    }

    @Test
    void aProbeThatIsStoppedLeavesTheHeadAsItWas() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 2))) {
            Probe probe = Probe.of(model, C).stopWhen(() -> true);
            float[] before = head(model);
            assertThat(probe.fit(labelled(2)).outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(head(model)).containsExactly(before);
            assertThat(model.weightsByPath()).containsKey("score.weight");
        }
    }

    @Test
    void whatCannotBeProbedIsRefused() throws Exception {
        try (Model<SequenceHead> model = load(Map.of("num_labels", 2));
                ToyRun causal = ToyRun.full(folder.resolve("causal"), model.precision())) {
            assertThatThrownBy(() -> Probe.of(model, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("C must be above 0, got 0.0");
            assertThatThrownBy(() -> Probe.of(causal.model, C))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("has a head for causal-lm");
            List<Row> mixed = new ArrayList<>(labelled(2));
            mixed.set(1, scored(2, 0).get(1));
            assertThatThrownBy(() -> Probe.of(model, C).fit(mixed))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("some rows have one class as their label and others several");
            assertThatThrownBy(() -> Probe.of(model, C).fit(List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
