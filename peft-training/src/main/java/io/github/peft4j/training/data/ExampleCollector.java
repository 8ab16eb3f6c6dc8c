package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Takes the rows of files one after the other, encodes them, and gathers what is wrong. */
final class ExampleCollector implements RowFormat.RowConsumer {

    private final RowEncoder encoder;
    private final int maxLength;
    private final Problems problems = new Problems();
    private final List<Example> examples = new ArrayList<>();
    private final Map<String, Integer> kinds = new TreeMap<>();
    private Path file = Path.of("");
    private long tokens;
    private long supervised;
    private int tooLong;
    private int longest;

    ExampleCollector(EncodingOptions options) {
        this.encoder = new RowEncoder(options);
        this.maxLength = options.maxLength();
    }

    void read(Path next) throws DataException {
        file = next;
        RowFormat format = RowFormat.of(next);
        try {
            format.read(next, this);
        } catch (DataException e) {
            throw new DataException(next + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new DataException("cannot read " + next + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void row(long line, ObjectNode fields) {
        try {
            RowKind kind = RowKind.of(fields);
            Example example = encoder.encode(kind, fields);
            kinds.merge(kind.title(), 1, Integer::sum);
            longest = Math.max(longest, example.length());
            if (example.length() > maxLength) {
                tooLong++;
                return;
            }
            examples.add(example);
            tokens += example.length();
            supervised += example.supervisedTokens();
        } catch (RowException e) {
            problem(line, e);
        }
    }

    @Override
    public void problem(long line, RowException problem) {
        problems.add(file, line, problem);
    }

    Examples finish(List<Path> files) throws DataException {
        problems.throwIfAny();
        if (examples.isEmpty()) {
            throw new DataException(
                    tooLong == 0
                            ? "no rows in " + files
                            : "all " + tooLong + " rows are longer than " + maxLength + " tokens; the longest has "
                                    + longest + ". Allow a greater length");
        }
        return new Examples(
                examples, new DataReport(examples.size(), tokens, supervised, tooLong, longest, Map.copyOf(kinds)));
    }
}
