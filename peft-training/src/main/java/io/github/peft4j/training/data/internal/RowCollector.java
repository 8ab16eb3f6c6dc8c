package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Encodes rows one after the other, leaves out those that are too long, and counts. */
public final class RowCollector implements RowReader.Mapping<Row> {

    private final ExampleEncoder encoder;
    private final int maxLength;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private long tokens;
    private long supervised;
    private long lostWords;
    private int tooLong;
    private int longest;

    public RowCollector(EncodingOptions options) {
        this.encoder = encoder(options);
        this.maxLength = options.maxLength();
    }

    private static ExampleEncoder encoder(EncodingOptions options) {
        EncodingOptions.RowLabels labels = options.labels();
        if (labels == null) {
            return new RowEncoder(options);
        }
        if (labels.pairs()) {
            return new PairEncoder(options);
        }
        return labels.perToken() ? new TagEncoder(options, labels) : new ClassEncoder(options, labels);
    }

    @Override
    public @Nullable Row of(FileRow row) throws RowException, CheckpointException {
        RowKind kind = encoder.kind(row);
        Row encoded = encoder.encode(kind, row);
        kinds.merge(kind.title(), 1, Integer::sum);
        longest = Math.max(longest, encoded.longest());
        if (encoded.longest() > maxLength) {
            tooLong++;
            return null;
        }
        tokens += encoded.tokens();
        supervised += supervised(encoded.target());
        if (encoded.target() instanceof Row.Target.TokenLabels each) {
            lostWords += Arrays.stream(each.words()).filter(first -> first < 0).count();
        }
        return encoded;
    }

    private static int supervised(Row.Target target) {
        return target instanceof Row.Target.PerToken each
                ? each.supervised(target instanceof Row.Target.NextTokens ? 1 : 0)
                : 0;
    }

    public Dataset finish(List<Row> rows, List<? extends RowSource> sources) throws DataException {
        if (rows.isEmpty()) {
            throw new DataException(
                    tooLong == 0
                            ? "no rows in "
                                    + String.join(
                                            ", ",
                                            sources.stream()
                                                    .map(RowSource::name)
                                                    .toList())
                            : "all " + tooLong + " rows are longer than " + maxLength + " tokens; the longest has "
                                    + longest + ". Allow a greater length");
        }
        return new Dataset(
                rows, new DataReport(rows.size(), tokens, supervised, tooLong, longest, lostWords, Map.copyOf(kinds)));
    }
}
