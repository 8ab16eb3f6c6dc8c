package io.github.peft4j.models.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.loss.ClassWeights;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Class weights as torch applies them and scikit-learn balances them. */
@Tag("golden")
class ClassWeightsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final JsonNode GOLDEN = read();

    private static JsonNode read() {
        try (InputStream in = ClassWeightsTest.class.getResourceAsStream("/golden/class_weights.json")) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClassWeights weights() {
        return new ClassWeights(JSON.convertValue(GOLDEN.get("weights"), double[].class));
    }

    private static void check(
            SequenceClassification.ProblemType type, JsonNode golden, List<Row.Target> targets, double divisor) {
        float[][] logits = JSON.convertValue(GOLDEN.get("logits"), float[][].class);
        double[][] gradients = JSON.convertValue(golden.get("gradients"), double[][].class);
        double loss = 0;
        for (int row = 0; row < logits.length; row++) {
            float[] gradient = new float[3];
            loss += type.loss(logits[row], type.wanted(targets.get(row), 3), weights(), gradient);
            for (int c = 0; c < 3; c++) {
                assertThat(gradient[c] / divisor).isCloseTo(gradients[row][c], within(1e-6));
            }
        }
        assertThat(loss / divisor).isCloseTo(golden.get("loss").doubleValue(), within(1e-6));
    }

    @Test
    void theMeanOfOneClassEachIsDividedByTheSumOfWeights() {
        JsonNode golden = GOLDEN.get("cases").get("single");
        List<Row.Target> targets = new ArrayList<>();
        double divisor = 0;
        for (JsonNode label : golden.get("wanted")) {
            targets.add(new Row.Target.Label(label.intValue()));
            divisor += weights().of(label.intValue());
        }
        check(SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION, golden, targets, divisor);
    }

    @Test
    void ofSeveralLabelsThoseThatApplyAreWeighed() {
        JsonNode golden = GOLDEN.get("cases").get("several");
        List<Row.Target> targets = new ArrayList<>();
        golden.get("wanted").forEach(row -> targets.add(new Row.Target.Scores(JSON.convertValue(row, float[].class))));
        check(SequenceClassification.ProblemType.MULTI_LABEL_CLASSIFICATION, golden, targets, targets.size());
    }

    @Test
    void balancedWeightsAreThoseOfScikitLearn() {
        int[] seen = JSON.convertValue(GOLDEN.get("seen"), int[].class);
        double[] balanced = JSON.convertValue(GOLDEN.get("balanced"), double[].class);
        List<Row> rows = new ArrayList<>();
        for (int label : seen) {
            rows.add(new Row(new int[1], new Row.Target.Label(label)));
        }
        double[] expected = {balanced[0], balanced[1], 1, balanced[2]};
        assertThat(ClassWeights.balanced(rows, 4).each()).containsExactly(expected, within(1e-12));
        int[] tags = {-100, 0, 1, 1, 3, 0, 1, 1};
        Row tagged = new Row(new int[8], new Row.Target.TokenLabels(tags));
        assertThat(ClassWeights.balanced(List.of(tagged), 4).each()).containsExactly(expected, within(1e-12));
        List<Row> several = List.of(
                new Row(new int[1], new Row.Target.Scores(new float[] {1, 0})),
                new Row(new int[1], new Row.Target.Scores(new float[] {0, 1})),
                new Row(new int[1], new Row.Target.Scores(new float[] {0, 1})));
        assertThat(ClassWeights.balanced(several, 2).each()).containsExactly(2, 0.5);
    }

    @Test
    void badWeightsAreRefused() {
        assertThatThrownBy(() -> SequenceClassification.weighted(1, 0))
                .hasMessage("the weight of class 1 must be above 0, got 0.0");
        assertThatThrownBy(() -> SequenceClassification.weighted(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> weights().requireFor(2))
                .hasMessage("there are 3 class weights, expected one for each of 2 outputs");
    }
}
