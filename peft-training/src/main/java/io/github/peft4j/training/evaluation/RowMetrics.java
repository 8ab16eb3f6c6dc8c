package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.tokens.TokenHead;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What the outputs of a model are judged by, whatever it says of rows.
 *
 * @param metrics of that kind; none for next tokens
 * @param judged rows and the outputs of each, [B][C], or of each one's labelled tokens, [B][T * C], as that kind
 */
record RowMetrics<J extends Judged>(Metrics<J> metrics, BiFunction<List<Row>, List<float[]>, J> judged) {

    private static final RowMetrics<Judged> NONE = new RowMetrics<>(new Metrics<>(List.of()), (rows, outputs) -> {
        throw new IllegalStateException("nothing judges these rows");
    });

    private static final RowMetrics<?> FOUND = new RowMetrics<>(
            Metrics.ofFound(),
            (rows, outputs) -> new Judged.Found(outputs.stream()
                    .map(places -> Arrays.stream(doubles(places))
                            .mapToInt(place -> (int) place)
                            .toArray())
                    .toList()));

    private static final RowMetrics<?> COSINES =
            ofScores(row -> new float[] {((Row.Target.Similarity) row.target()).score()});

    /**
     * That of a model.
     *
     * @param row any of the rows: what it is to be predicted of it may say the problem's type
     */
    static RowMetrics<?> of(Model<?> model, Row row) {
        if (row.target() instanceof Row.Target.Contrast) {
            return FOUND;
        }
        if (row.target() instanceof Row.Target.Similarity) {
            return COSINES;
        }
        if (model.head() instanceof TokenHead tokens) {
            return TokenMetrics.of(tokens.labels());
        }
        if (!(model.head() instanceof SequenceHead head)) {
            return NONE;
        }
        return switch (SequenceClassification.problemType(model, row)) {
            case SINGLE_LABEL_CLASSIFICATION ->
                new RowMetrics<>(
                        Metrics.ofClasses(head.labels().count()),
                        (rows, outputs) -> Judged.Classes.of(
                                outputs,
                                rows.stream()
                                        .mapToInt(each -> (int) SequenceClassification.wanted(model, each)[0])
                                        .toArray()));
            case MULTI_LABEL_CLASSIFICATION ->
                new RowMetrics<>(
                        Metrics.ofLabels(),
                        (rows, outputs) -> Judged.Labels.of(
                                outputs,
                                rows.stream()
                                        .map(each -> applying(SequenceClassification.wanted(model, each)))
                                        .toArray(boolean[][]::new)));
            case REGRESSION -> ofScores(each -> SequenceClassification.wanted(model, each));
        };
    }

    private static RowMetrics<Judged.Scores> ofScores(Function<Row, float[]> wanted) {
        return new RowMetrics<>(
                Metrics.ofScores(),
                (rows, outputs) -> new Judged.Scores(
                        outputs.stream().map(RowMetrics::doubles).toList(),
                        rows.stream().map(wanted).map(RowMetrics::doubles).toList()));
    }

    /** What is found of rows; nothing if there are no outputs. */
    Metrics.Found of(List<Row> rows, List<float[]> outputs) {
        return outputs.isEmpty() ? Metrics.Found.NOTHING : metrics.of(judged.apply(rows, outputs));
    }

    private static boolean[] applying(float[] wanted) {
        boolean[] applying = new boolean[wanted.length];
        for (int c = 0; c < wanted.length; c++) {
            applying[c] = wanted[c] > 0.5f;
        }
        return applying;
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(c -> values[c]).toArray();
    }
}
