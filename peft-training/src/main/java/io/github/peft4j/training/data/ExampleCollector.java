package io.github.peft4j.training.data;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Encodes rows one after the other, leaves out those that are too long, and counts. */
final class ExampleCollector implements RowReader.Mapping<Example> {

    private final RowEncoder encoder;
    private final int maxLength;
    private final Map<String, Integer> kinds = new TreeMap<>();
    private long tokens;
    private long supervised;
    private int tooLong;
    private int longest;

    ExampleCollector(EncodingOptions options) {
        this.encoder = new RowEncoder(options);
        this.maxLength = options.maxLength();
    }

    @Override
    public @Nullable Example of(Row row) throws RowException, CheckpointException {
        RowKind kind = RowKind.of(row);
        Example example = encoder.encode(kind, row);
        kinds.merge(kind.title(), 1, Integer::sum);
        longest = Math.max(longest, example.length());
        if (example.length() > maxLength) {
            tooLong++;
            return null;
        }
        tokens += example.length();
        supervised += example.supervisedTokens();
        return example;
    }

    Examples finish(List<Example> examples, List<Path> files) throws DataException {
        if (examples.isEmpty()) {
            throw new DataException(
                    tooLong == 0
                            ? "no rows in "
                                    + String.join(
                                            ", ",
                                            files.stream().map(Path::toString).toList())
                            : "all " + tooLong + " rows are longer than " + maxLength + " tokens; the longest has "
                                    + longest + ". Allow a greater length");
        }
        return new Examples(
                examples, new DataReport(examples.size(), tokens, supervised, tooLong, longest, Map.copyOf(kinds)));
    }
}
