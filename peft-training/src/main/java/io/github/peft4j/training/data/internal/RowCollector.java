package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.EncodingOptions.OddRows;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.SeenRows;
import io.github.peft4j.training.data.content.internal.TextNumbers;
import io.github.peft4j.training.internal.work.OrderedWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Encodes rows, leaves out what is too long, doubled or otherwise odd, or cuts it, as the options say, and counts. Rows may be encoded by several threads at once; they
 * are counted one after the other.
 */
public final class RowCollector {

    private final ExampleEncoder encoder;
    private final EncodingOptions options;
    private final @Nullable SeenRows seen;
    private final Problems skipped = new Problems();
    private final Problems kept = new Problems();
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
        this.seen = options.oddRows().doubled() == OddRows.Choice.KEEP ? null : new SeenRows();
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

    /**
     * What a row became, before it is counted.
     *
     * @param kind what it is, or null if that cannot be told
     * @param encoded or null if it cannot be used
     * @param problem why, or null
     */
    public record Made(
            @Nullable RowKind kind,
            @Nullable Encoded encoded,
            @Nullable RowException problem) {}

    /**
     * Encodes a row; several threads may do so at once.
     *
     * @throws CheckpointException if something of the checkpoint that rows need cannot be read
     */
    public Made encode(RowSource.Item item) throws CheckpointException {
        try {
            FileRow read = FileRow.of(item);
            FileRow row = options.oddRows().numbersAsText() ? read.with(TextNumbers.in(read.fields())) : read;
            RowKind kind = encoder.kind(row);
            return new Made(kind, encoder.encode(kind, row), null);
        } catch (RowException e) {
            return new Made(null, null, e);
        }
    }

    /**
     * Counts a row, in the order in which they were read.
     *
     * @param source where it was
     * @param line where in it
     * @param problems takes it if it is to be refused
     * @return the rows that are to be learned from: one, none, or several windows
     * @throws DataException if there are too many that are to be refused
     */
    public List<Row> count(Made made, String source, long line, Problems problems) throws DataException {
        if (made.problem != null) {
            boolean skip = options.oddRows().bad() == OddRows.Choice.SKIP
                    && made.problem.problem() != RowException.Problem.UNREADABLE;
            leave(skip, made.problem, source, line, problems);
            return List.of();
        }
        Encoded encoded = Objects.requireNonNull(made.encoded);
        kinds.merge(Objects.requireNonNull(made.kind).title(), 1, Integer::sum);
        longest = Math.max(longest, encoded.length());
        if (isOdd(encoded, source, line, problems) || (encoded.length() > options.maxLength() && !keeps(encoded))) {
            return List.of();
        }
        lostWords += encoded.lostWords();
        for (Row each : encoded.rows()) {
            rows++;
            tokens += each.tokens();
            supervised += supervised(each.target());
        }
        return encoded.rows();
    }

    private void leave(boolean skip, RowException problem, String source, long line, Problems problems)
            throws DataException {
        if (skip) {
            skipped.note(source, line, problem);
        } else {
            problems.add(source, line, problem);
        }
    }

    /** Whether a row is left out since it is blank or doubled. */
    private boolean isOdd(Encoded encoded, String source, long line, Problems problems) throws DataException {
        if (encoded.blank() != null) {
            RowException blank = new RowException(RowException.Problem.BLANK, encoded.blank());
            OddRows.Choice choice = options.oddRows().blank();
            if (choice != OddRows.Choice.KEEP) {
                leave(choice == OddRows.Choice.SKIP, blank, source, line, problems);
                return true;
            }
            kept.note(source, line, blank);
        }
        if (seen == null || !seen.add(encoded.rows())) {
            return false;
        }
        RowException doubled =
                new RowException(RowException.Problem.DOUBLED, "the tokens and labels of a row before it");
        leave(options.oddRows().doubled() == OddRows.Choice.SKIP, doubled, source, line, problems);
        return true;
    }

    /**
     * Reads all rows of sources, and encodes them with as many threads as there are processors.
     *
     * @throws DataException if one cannot be read, rows cannot be used, or none is left
     * @throws CheckpointException if something of the checkpoint that rows need cannot be read
     */
    public Dataset read(List<? extends RowSource> sources) throws IOException {
        List<Row> all = new ArrayList<>();
        try (RowReader.Rows rows = new RowReader.Rows(sources, 0, RowSource.Position.START)) {
            DataReport report = read(sources, rows::next, all::add);
            return new Dataset(all, report);
        }
    }

    /** Takes rows that are to be learned from. */
    @FunctionalInterface
    public interface Sink {

        /**
         * Takes the next.
         *
         * @throws IOException if it cannot be put where it is to be
         */
        void add(Row row) throws IOException;
    }

    /**
     * Reads rows of sources in some order; as {@link #read(List)}, but keeps none. What was taken counts only if this ends well.
     *
     * @param rows with the numbers of their sources
     * @throws IOException also from the sink
     */
    public DataReport read(List<? extends RowSource> sources, OrderedWork.Source<RowReader.Placed> rows, Sink sink)
            throws IOException {
        Problems problems = new Problems();
        try (OrderedWork<RowReader.Placed, Read> work = new OrderedWork<>(
                rows,
                RowReader.Placed::size,
                row -> new Read(row.source(), row.item().line(), encode(row.item())),
                Runtime.getRuntime().availableProcessors())) {
            for (Read read = work.next(); read != null; read = work.next()) {
                for (Row row : count(read.made, sources.get(read.source).name(), read.line, problems)) {
                    sink.add(row);
                }
            }
        }
        problems.throwIfAny();
        if (this.rows == 0) {
            throw nothing(
                    String.join(", ", sources.stream().map(RowSource::name).toList()));
        }
        return report();
    }

    private record Read(int source, long line, Made made) {}

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

    private static DataReport.Said said(Problems problems, String what) {
        return problems.count() == 0
                ? DataReport.Said.NOTHING
                : new DataReport.Said(problems.count(), problems.message(what));
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
                new DataReport.OddRows(
                        tooLong, cut, split, windows, nothingLeft, said(skipped, " left out"), said(kept, " kept")));
    }

    /**
     * That nothing is left to learn from.
     *
     * @param name where there was nothing
     */
    public DataException nothing(String name) {
        if (skipped.count() > 0) {
            return new DataException("no rows are left of " + name + ": " + skipped.message(" left out"));
        }
        if (tooLong + nothingLeft == 0) {
            return new DataException("no rows in " + name);
        }
        String tokens = options.maxLength() + " tokens; the longest has " + longest + ". Allow a greater length";
        return new DataException(
                nothingLeft > 0
                        ? "nothing to learn is left of any row cut to " + tokens
                        : "all " + tooLong + " rows are longer than " + tokens + ", or let them be cut");
    }
}
