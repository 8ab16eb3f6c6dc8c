package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenMetricsTest {

    private static final int NONE = Row.Target.IGNORED;

    private static Row row(int... labels) {
        return new Row(new int[labels.length], new Row.Target.TokenLabels(labels));
    }

    /** Outputs of labelled tokens whose largest is that of a class. */
    private static float[] saying(int classes, int... predicted) {
        float[] outputs = new float[predicted.length * classes];
        for (int t = 0; t < predicted.length; t++) {
            outputs[t * classes + predicted[t]] = 1;
        }
        return outputs;
    }

    private static Map<String, Double> of(List<String> names, List<Row> rows, List<float[]> outputs) {
        return TokenMetrics.of(new SequenceHead.Labels(names)).of(rows, outputs).numbers();
    }

    @Test
    void tagsAreJudgedByWholeEntities() {
        List<String> tags = List.of("O", "B-PER", "I-PER", "B-LOC");
        Map<String, Double> found = of(
                tags,
                List.of(row(NONE, 1, 2, 0, 3, NONE), row(NONE, 1, 2, NONE)),
                List.of(saying(4, 1, 2, 0, 3), saying(4, 1, 0)));
        assertThat(found.get("precision")).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(found.get("recall")).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(found.get("accuracy")).isCloseTo(5 / 6.0, within(1e-12));
    }

    @Test
    void otherClassesAreJudgedTokenByTokenOverAllRows() {
        List<String> classes = List.of("noun", "verb", "other");
        Map<String, Double> found =
                of(classes, List.of(row(NONE, 0, 1, NONE, 2), row(1)), List.of(saying(3, 0, 1, 1), saying(3, 1)));
        assertThat(found.get("accuracy")).isCloseTo(3 / 4.0, within(1e-12));
        assertThat(found).containsKeys("f1_macro", "f1_micro").doesNotContainKey("f1");
    }

    @Test
    void aRowWithoutLabelsCountsForNothing() {
        List<String> classes = List.of("noun", "verb");
        Map<String, Double> found =
                of(classes, List.of(row(NONE, NONE), row(0, 1)), List.of(new float[0], saying(2, 0, 0)));
        assertThat(found.get("accuracy")).isCloseTo(1 / 2.0, within(1e-12));
    }

    @Test
    void aWordOfSeveralTokensIsJudgedByItsFirst() {
        int ignored = Row.Target.IGNORED;
        Row.Target words = new Row.Target.TokenLabels(new int[] {ignored, 1, 2, 0, ignored}, new int[] {1, -1, 3});
        Row row = new Row(new int[5], words);
        // The second token of the first word is taken for another class, which does not count.
        float[] outputs = {0, 1, 0, 1, 0, 0, 1, 0, 0};
        var found = TokenMetrics.of(new SequenceHead.Labels(List.of("O", "B-PER", "I-PER")))
                .of(List.of(row), List.of(outputs));
        assertThat(found.numbers()).containsEntry("accuracy", 1.0).containsEntry("f1", 1.0);
    }
}
