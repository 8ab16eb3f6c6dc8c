package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Encodes rows one after the other, leaves out those that are too long, and counts. */
public final class RowCollector implements RowReader.Mapping<Row> {

    private final RowEncoder encoder;
    private final @Nullable ClassEncoder classes;
    private final int maxLength;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private long tokens;
    private long supervised;
    private int tooLong;
    private int longest;

    public RowCollector(EncodingOptions options) {
        this.encoder = new RowEncoder(options);
        this.classes = options.labels() == null ? null : new ClassEncoder(options, options.labels());
        this.maxLength = options.maxLength();
    }

    @Override
    public @Nullable Row of(FileRow row) throws RowException, CheckpointException {
        RowKind kind = classes == null ? RowKind.of(row) : classes.kind(row);
        Row encoded = classes == null ? encoder.encode(kind, row) : classes.encode(kind, row);
        kinds.merge(kind.title(), 1, Integer::sum);
        longest = Math.max(longest, encoded.length());
        if (encoded.length() > maxLength) {
            tooLong++;
            return null;
        }
        tokens += encoded.length();
        supervised += supervised(encoded.target());
        return encoded;
    }

    private static int supervised(Row.Target target) {
        return target instanceof Row.Target.PerToken each
                ? each.supervised(target instanceof Row.Target.NextTokens ? 1 : 0)
                : 0;
    }

    public Dataset finish(List<Row> rows, List<Path> files) throws DataException {
        if (rows.isEmpty()) {
            throw new DataException(
                    tooLong == 0
                            ? "no rows in "
                                    + String.join(
                                            ", ",
                                            files.stream().map(Path::toString).toList())
                            : "all " + tooLong + " rows are longer than " + maxLength + " tokens; the longest has "
                                    + longest + ". Allow a greater length");
        }
        return new Dataset(rows, new DataReport(rows.size(), tokens, supervised, tooLong, longest, Map.copyOf(kinds)));
    }
}
