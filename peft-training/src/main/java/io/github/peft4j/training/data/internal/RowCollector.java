package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import io.github.peft4j.training.data.RowSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Encodes rows one after the other, leaves out those that are too long or cuts them, and counts. */
public final class RowCollector implements RowReader.Mapping<List<Row>> {

    private final ExampleEncoder encoder;
    private final EncodingOptions options;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private int rows;
    private long tokens;
    private long supervised;
    private long lostWords;
    private int longest;
    private int tooLong;
    private int cut;
    private int split;
    private int windows;
    private int nothingLeft;

    public RowCollector(EncodingOptions options) {
        this.encoder = encoder(options);
        this.options = options;
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

    /** The rows that a row of a file becomes: one, none, or several windows. */
    @Override
    public @Nullable List<Row> of(FileRow row) throws RowException, CheckpointException {
        RowKind kind = encoder.kind(row);
        Encoded encoded = encoder.encode(kind, row);
        kinds.merge(kind.title(), 1, Integer::sum);
        longest = Math.max(longest, encoded.length());
        if (encoded.length() > options.maxLength() && !keeps(encoded)) {
            return null;
        }
        lostWords += encoded.lostWords();
        for (Row each : encoded.rows()) {
            rows++;
            tokens += each.tokens();
            supervised += supervised(each.target());
        }
        return encoded.rows();
    }

    /** Whether something stays of a row that is too long. */
    private boolean keeps(Encoded encoded) {
        Truncation.Way way = options.oddRows().truncation().way();
        if (way == Truncation.Way.LEAVE_OUT) {
            tooLong++;
            return false;
        }
        if (encoded.rows().isEmpty()) {
            nothingLeft++;
            return false;
        }
        if (way == Truncation.Way.WINDOWS) {
            split++;
            windows += encoded.rows().size();
        } else {
            cut++;
        }
        return true;
    }

    private static int supervised(Row.Target target) {
        return target instanceof Row.Target.PerToken each
                ? each.supervised(target instanceof Row.Target.NextTokens ? 1 : 0)
                : 0;
    }

    /** What there was so far. */
    public DataReport report() {
        return new DataReport(
                rows,
                tokens,
                supervised,
                longest,
                lostWords,
                Map.copyOf(kinds),
                new DataReport.OddRows(tooLong, cut, split, windows, nothingLeft));
    }

    public Dataset finish(List<List<Row>> read, List<? extends RowSource> sources) throws DataException {
        if (rows == 0) {
            throw new DataException(
                    tooLong + nothingLeft == 0
                            ? "no rows in "
                                    + String.join(
                                            ", ",
                                            sources.stream()
                                                    .map(RowSource::name)
                                                    .toList())
                            : nothingLeft > 0
                                    ? "nothing to learn is left of any row cut to " + options.maxLength()
                                            + " tokens; the longest has " + longest + ". Allow a greater length"
                                    : "all " + tooLong + " rows are longer than " + options.maxLength()
                                            + " tokens; the longest has " + longest
                                            + ". Allow a greater length, or let them be cut");
        }
        return new Dataset(read.stream().flatMap(List::stream).toList(), report());
    }
}
