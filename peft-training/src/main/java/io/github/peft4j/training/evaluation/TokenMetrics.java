package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What classes of tokens are judged by: those whose names are tags of entities by whole entities, as seqeval does, others token by token. Tokens
 * without a label do not count.
 */
final class TokenMetrics {

    private static final Pattern TAG = Pattern.compile("O|[BIESLU]-.+");

    private TokenMetrics() {}

    static RowMetrics<?> of(SequenceHead.Labels labels) {
        if (labels.names().stream().allMatch(name -> TAG.matcher(name).matches())) {
            Function<int[], List<String>> named =
                    ids -> Arrays.stream(ids).mapToObj(labels.names()::get).toList();
            return new RowMetrics<>(
                    Metrics.ofTags(),
                    (rows, outputs) -> Judged.Tags.of(
                            IntStream.range(0, rows.size())
                                    .mapToObj(row -> named.apply(predicted(rows.get(row), outputs.get(row))))
                                    .toList(),
                            rows.stream().map(row -> named.apply(expected(row))).toList()));
        }
        return new RowMetrics<>(
                Metrics.ofClasses(labels.count()),
                (rows, outputs) -> Judged.Classes.of(
                        IntStream.range(0, rows.size())
                                .boxed()
                                .flatMap(row -> tokens(rows.get(row), outputs.get(row)).stream())
                                .toList(),
                        rows.stream()
                                .flatMapToInt(row -> Arrays.stream(expected(row)))
                                .toArray()));
    }

    private static int[] expected(Row row) {
        return Arrays.stream(((Row.Target.PerToken) row.target()).labels())
                .filter(label -> label != Row.Target.IGNORED)
                .toArray();
    }

    private static int[] predicted(Row row, float[] outputs) {
        return tokens(row, outputs).stream()
                .mapToInt(SequenceClassifier::largest)
                .toArray();
    }

    /** The outputs [C] of each labelled token. */
    private static List<float[]> tokens(Row row, float[] outputs) {
        int count = expected(row).length;
        int classes = count == 0 ? 0 : outputs.length / count;
        return IntStream.range(0, count)
                .mapToObj(t -> Arrays.copyOfRange(outputs, t * classes, (t + 1) * classes))
                .toList();
    }
}
