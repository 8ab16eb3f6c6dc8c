package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.tokens.internal.LabelledTokens;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What classes of tokens are judged by: those whose names are tags of entities by whole entities, as seqeval does, others token by token. Tokens
 * without a label do not count, and of a word only the first does.
 */
final class TokenMetrics {

    private static final Pattern TAG = Pattern.compile("O|[BIESLU]-.+");

    private TokenMetrics() {}

    static RowMetrics<?> of(SequenceHead.Labels labels) {
        if (labels.names().stream().allMatch(name -> TAG.matcher(name).matches())) {
            Function<IntStream, List<String>> named =
                    ids -> ids.mapToObj(labels.names()::get).toList();
            return new RowMetrics<>(
                    Metrics.ofTags(),
                    (rows, outputs) -> Judged.Tags.of(
                            tokens(rows, outputs)
                                    .map(row -> named.apply(row.stream().mapToInt(SequenceClassifier::largest)))
                                    .toList(),
                            expected(rows).map(named).toList()));
        }
        return new RowMetrics<>(
                Metrics.ofClasses(labels.count()),
                (rows, outputs) -> Judged.Classes.of(
                        tokens(rows, outputs).flatMap(List::stream).toList(),
                        expected(rows).flatMapToInt(Function.identity()).toArray()));
    }

    /** The labels that are judged, row by row. */
    private static Stream<IntStream> expected(List<Row> rows) {
        return rows.stream()
                .map(row -> target(row).judged().map(place -> target(row).labels()[place]));
    }

    /** The outputs [C] of the tokens that these are of, row by row. */
    private static Stream<List<float[]>> tokens(List<Row> rows, List<float[]> outputs) {
        return IntStream.range(0, rows.size())
                .mapToObj(row -> LabelledTokens.split(target(rows.get(row)), outputs.get(row)));
    }

    private static Row.Target.TokenLabels target(Row row) {
        return (Row.Target.TokenLabels) row.target();
    }
}
