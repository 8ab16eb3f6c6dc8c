package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceClassifier;
import java.util.List;
import java.util.Map;

/** What the outputs of a classifier of rows are judged by, whatever its {@link SequenceClassification.ProblemType}. */
final class RowMetrics {

    private RowMetrics() {}

    /**
     * The metrics of rows by key: those of classes, of labels, where an output above 0 says that one applies, or of scores.
     *
     * @param outputs [B][C], one for each row
     * @return none if there are no outputs
     */
    static Map<String, Double> of(Model<?> model, List<Row> rows, List<float[]> outputs) {
        if (outputs.isEmpty()) {
            return Map.of();
        }
        SequenceClassification.ProblemType type = SequenceClassification.problemType(model, rows.get(0));
        if (type == SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION) {
            int[] predicted =
                    outputs.stream().mapToInt(SequenceClassifier::largest).toArray();
            int[] expected = rows.stream()
                    .mapToInt(row -> (int) SequenceClassification.wanted(model, row)[0])
                    .toArray();
            return Metrics.ofClasses().of(predicted, expected);
        }
        float[][] expected = rows.stream()
                .map(row -> SequenceClassification.wanted(model, row))
                .toArray(float[][]::new);
        if (type == SequenceClassification.ProblemType.MULTI_LABEL_CLASSIFICATION) {
            return Metrics.ofLabels().of(above(outputs.toArray(float[][]::new), 0), above(expected, 0.5f));
        }
        return Metrics.ofScores().of(doubles(outputs.toArray(float[][]::new)), doubles(expected));
    }

    private static boolean[][] above(float[][] rows, float bound) {
        boolean[][] above = new boolean[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            above[row] = new boolean[rows[row].length];
            for (int c = 0; c < rows[row].length; c++) {
                above[row][c] = rows[row][c] > bound;
            }
        }
        return above;
    }

    private static double[][] doubles(float[][] rows) {
        double[][] doubles = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            doubles[row] = new double[rows[row].length];
            for (int c = 0; c < rows[row].length; c++) {
                doubles[row][c] = rows[row][c];
            }
        }
        return doubles;
    }
}
