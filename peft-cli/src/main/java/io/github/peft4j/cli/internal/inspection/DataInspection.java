package io.github.peft4j.cli.internal.inspection;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.SeenRows;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.Problems;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.internal.RowReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads rows as they would be trained on, shows some, and says what there is. */
public final class DataInspection {

    private final Session session;
    private final ShownRowOptions shown;
    private final RowCollector collector;
    private final EncodingOptions options;
    private final @Nullable Tokenizer tokenizer;
    private final RowText text;
    private final Problems problems = new Problems();
    private final Lengths lengths = new Lengths();
    private final Ends ends;
    private final SeenRows seen = new SeenRows();
    private final List<String> doubled = new ArrayList<>();
    private long doubles;
    private long read;
    private int longest;
    private String longestPlace = "";

    /**
     * Prepares it.
     *
     * @param folder the checkpoint's
     * @param options how rows become token ids
     * @param colours whether results are shown on a terminal
     * @throws CheckpointException if the checkpoint's tokenizer or settings for generation cannot be read
     */
    public DataInspection(Session session, ShownRowOptions shown, Path folder, EncodingOptions options, boolean colours)
            throws CheckpointException {
        this.session = session;
        this.shown = shown;
        this.options = options;
        this.collector = new RowCollector(options);
        this.tokenizer = options.text().tokenizer();
        EncodingOptions.RowLabels labels = options.labels();
        this.text = new RowText(
                tokenizer,
                labels == null ? null : labels.names(),
                colours ? RowText.Marks.COLOURS : RowText.Marks.BRACKETS);
        this.ends = new Ends(folder, tokenizer);
    }

    /**
     * Reads, and prints.
     *
     * @throws IOException if a source cannot be read
     */
    public void run(List<? extends RowSource> sources) throws IOException {
        boolean complete = true;
        try (RowReader.Rows rows = new RowReader.Rows(sources, 0, RowSource.Position.START)) {
            for (RowReader.Placed row = rows.next(); row != null && complete; row = rows.next()) {
                complete = read < shown.bound();
                if (complete) {
                    take(sources.get(row.source()), row.item());
                }
            }
        }
        session.console().begin();
        summary(complete);
        session.console().out().flush();
    }

    private void take(RowSource source, RowSource.Item item) throws DataException, CheckpointException {
        read++;
        RowCollector.Made made = collector.encode(item);
        List<Row> rows = collector.count(made, source.name(), item.line(), problems);
        String place = source.name() + ":" + item.line();
        if (made.encoded() != null) {
            int length = made.encoded().length();
            lengths.add(length);
            if (length > longest) {
                longest = length;
                longestPlace = place;
            }
            if (!made.encoded().rows().isEmpty() && seen.add(made.encoded().rows()) && ++doubles <= 5) {
                doubled.add(place);
            }
        }
        for (Row row : rows) {
            if (row.target() instanceof Row.Target.NextTokens next) {
                ends.add(row, next);
            }
        }
        if (shown.shows(read)) {
            session.console().begin();
            show(source, item, made, rows);
        }
    }

    private void show(RowSource source, RowSource.Item item, RowCollector.Made made, List<Row> rows) {
        int length = made.encoded() == null ? 0 : made.encoded().length();
        if (rows.isEmpty()) {
            String reason = made.problem() != null
                    ? String.valueOf(made.problem().getMessage())
                    : length > options.maxLength() ? length + " tokens are too many" : "blank or doubled";
            print(Fields.of("source", source.name()).and("line", item.line()).and("left_out", reason), null);
        }
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            Fields fields = Fields.of("source", source.name())
                    .and("line", item.line())
                    .and("kind", made.kind() == null ? null : made.kind().title())
                    .and("tokens", row.tokens());
            if (row.target() instanceof Row.Target.PerToken each) {
                fields.and("learned", learned(each));
            }
            if (rows.size() > 1) {
                fields.and("window", i + 1).and("windows", rows.size());
            }
            if (length > row.longest()) {
                fields.and("cut_from", length);
            }
            print(fields, row);
        }
    }

    private static int learned(Row.Target.PerToken target) {
        return target.supervised(target instanceof Row.Target.NextTokens ? 1 : 0);
    }

    private void print(Fields fields, @Nullable Row row) {
        if (session.json()) {
            if (row != null) {
                text.addTo(fields, row);
            }
            session.console().out().println(fields.json());
            return;
        }
        StringBuilder head = new StringBuilder(fields.get("source") + ":" + fields.get("line"));
        fields.values().forEach((name, value) -> {
            if (!name.equals("source") && !name.equals("line")) {
                head.append("  ").append(name.replace('_', ' ')).append(' ').append(value);
            }
        });
        session.console().out().println(Printable.message(head.toString()));
        if (row != null) {
            session.console().out().println("    " + text.lines(row).replace("\n", "\n    "));
        }
        session.console().out().println();
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>(ends.warnings());
        if (ends.whole() > 0 && collector.report().kinds().containsKey("input_ids")) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "rows that learn all of their tokens, a prompt among them if there is one: %,d. Let its labels be -100",
                    ends.whole()));
        }
        if (doubles > 0 && options.oddRows().doubled() == EncodingOptions.OddRows.Choice.KEEP) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "rows that are doubled: %,d, of %s%s. --doubled-rows skip leaves them out",
                    doubles,
                    String.join(", ", doubled),
                    doubles > doubled.size() ? " and others" : ""));
        }
        return warnings;
    }

    private void summary(boolean complete) {
        DataReport report = collector.report();
        DataReport.OddRows odd = report.oddRows();
        Fields fields = Fields.of("done", true)
                .and("read", read)
                .and("complete", complete)
                .and("rows", report.rows())
                .and("tokens", report.tokens())
                .and("learned", report.supervisedTokens())
                .and("longest", report.longest())
                .and("longest_row", longestPlace)
                .and("too_long", odd.tooLong())
                .and("cut", odd.cut())
                .and("split", odd.split())
                .and("windows", odd.windows())
                .and("nothing_left", odd.nothingLeft())
                .and("skipped", odd.skipped().count())
                .and("blank", odd.kept().count())
                .and("doubled", doubles)
                .and("refused", problems.count());
        if (ends.rows() > 0) {
            fields.and("end_learned", ends.ended());
        }
        Console console = session.console();
        if (session.json()) {
            List<String> places = new ArrayList<>(odd.places());
            if (problems.count() > 0) {
                places.add(problems.message(" cannot be used"));
            }
            console.out()
                    .println(fields.and("kinds", report.kinds())
                            .and(
                                    "lengths",
                                    lengths.bars().stream()
                                            .map(bar -> List.of(bar.from(), bar.to(), bar.rows()))
                                            .toList())
                            .and("odd", places)
                            .and("warnings", warnings())
                            .json());
            return;
        }
        console.out().printf(Locale.ROOT, "%,d rows read%s: ", read, complete ? "" : " (--all reads on)");
        console.out().println(Printable.message(report.toString()));
        if (ends.rows() > 0) {
            console.out().printf(Locale.ROOT, "an end is learned in %,d of %,d rows%n", ends.ended(), ends.rows());
        }
        if (!longestPlace.isEmpty()) {
            console.out().println(Printable.message("the longest is " + longestPlace));
            console.out().println("tokens of rows:");
            console.out().print(lengths.lines());
        }
        odd.places().forEach(place -> console.out().println(Printable.message(place)));
        if (problems.count() > 0) {
            console.out().println(Printable.message(problems.message(" cannot be used")));
        }
        warnings().forEach(warning -> console.out().println(Printable.message("warning: " + warning)));
    }
}
