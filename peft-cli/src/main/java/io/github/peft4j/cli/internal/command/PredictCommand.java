package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.tokens.TokenHead;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Says what a classifier makes of rows. */
@Command(
        name = "predict",
        description = "Predicts classes or scores of rows.",
        customSynopsis = "peft4j predict --model MODEL --data FILE [--adapter DIR] [options]",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j predict --model ./sentiment --data rows.jsonl",
            "  peft4j predict --model ./smollm2 --adapter my-classifier --data rows.jsonl --json",
            "",
            "Of a classifier of tokens each of these is a list with an entry per token of input_ids or text, and per"
                    + " word of tokens (by its first token; null where it has none).",
            "JSON, per row: label, label_id, scores (probabilities), logits; where labels do not exclude each other,"
                    + " label and label_id are lists of those that apply; for values: score, logits. At the end: done,"
                    + " rows, seconds."
        })
public final class PredictCommand extends Subcommand {

    /** In the place of a word that the tokenizer makes nothing of. */
    private static final String NOTHING = "-";

    private final RowsOnModel input = new RowsOnModel(sections);

    @Override
    public int run(Session session) throws IOException {
        Task task = input.check(session, "predict");
        if (!task.classifies()) {
            boolean causal = task.head() == LanguageHead.class;
            throw new BadInput("predict needs a classifier: " + input.modelName() + " "
                    + (causal
                            ? "predicts tokens, for which there is peft4j generate"
                            : "says which token is hidden, of which peft4j eval has the loss")
                    + "; --task " + SequenceHead.TASK + " or "
                    + TokenHead.TASK + " makes one of it");
        }
        Console console = session.console();
        if (task.head() == TokenHead.class) {
            input.use(session, task, false, (base, read) -> tags(session, base.with(TokenHead.class), read));
            return ExitCode.DONE;
        }
        input.use(session, task, false, (base, read) -> {
            SequenceClassifier classifier = new SequenceClassifier(base.with(SequenceHead.class));
            console.begin();
            long start = System.nanoTime();
            List<float[]> logits = classifier.logits(read);
            double seconds = (System.nanoTime() - start) / 1e9;
            logits.forEach(each -> print(session, classifier, each));
            done(session, logits.size(), seconds);
        });
        return ExitCode.DONE;
    }

    private static void done(Session session, int rows, double seconds) {
        session.print(Fields.of("done", true).and("rows", rows).and("seconds", seconds));
    }

    /** A class for each token. */
    private static void tags(Session session, Model<TokenHead> model, List<Row> rows) {
        session.console().begin();
        long start = System.nanoTime();
        List<float[][]> logits = TokenHead.logits(model, rows);
        double seconds = (System.nanoTime() - start) / 1e9;
        SequenceHead.Labels labels = model.head().labels();
        for (int row = 0; row < rows.size(); row++) {
            List<float @Nullable []> each = words(rows.get(row), logits.get(row));
            List<@Nullable Integer> best = each(each, SequenceClassifier::largest);
            List<@Nullable String> names = each(best, labels.names()::get);
            if (!session.json()) {
                session.console()
                        .out()
                        .println(names.stream()
                                .map(name -> name == null ? NOTHING : name)
                                .collect(Collectors.joining(" ")));
                continue;
            }
            session.print(Fields.of("label", names)
                    .and("label_id", best)
                    .and("scores", each(each, values -> list(TokenHead.scores(values))))
                    .and("logits", each(each, values -> list(doubles(values)))));
        }
        done(session, rows.size(), seconds);
    }

    /** Outputs of the words of a row by their first tokens, null for those without one; of a row that is not of words those of all tokens. */
    private static List<float @Nullable []> words(Row row, float[][] logits) {
        List<float @Nullable []> each = new ArrayList<>();
        if (row.target() instanceof Row.Target.TokenLabels of) {
            for (int first : of.words()) {
                each.add(first < 0 ? null : logits[first]);
            }
            return each;
        }
        each.addAll(Arrays.asList(logits));
        return each;
    }

    private static <A, B> List<@Nullable B> each(List<? extends @Nullable A> values, Function<A, B> made) {
        List<@Nullable B> all = new ArrayList<>();
        for (A value : values) {
            all.add(value == null ? null : made.apply(value));
        }
        return all;
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(c -> values[c]).toArray();
    }

    private static void print(Session session, SequenceClassifier classifier, float[] logits) {
        SequenceHead.Labels labels = classifier.model().head().labels();
        double[] scores = classifier.scores(logits);
        List<Double> shown =
                IntStream.range(0, scores.length).mapToObj(c -> scores[c]).toList();
        List<Double> raw = IntStream.range(0, logits.length)
                .mapToObj(c -> (double) logits[c])
                .toList();
        SequenceClassification.ProblemType type = classifier.problemType();
        Fields fields;
        if (type == SequenceClassification.ProblemType.REGRESSION) {
            fields = Fields.of("score", scores.length == 1 ? scores[0] : shown);
        } else if (type == SequenceClassification.ProblemType.MULTI_LABEL_CLASSIFICATION) {
            List<Integer> applying = IntStream.range(0, scores.length)
                    .filter(c -> scores[c] > 0.5)
                    .boxed()
                    .toList();
            fields = Fields.of(
                            "label", applying.stream().map(labels.names()::get).toList())
                    .and("label_id", applying)
                    .and("scores", shown);
        } else {
            int best = SequenceClassifier.largest(logits);
            fields = Fields.of("label", labels.names().get(best))
                    .and("label_id", best)
                    .and("scores", shown);
        }
        if (session.json()) {
            session.console().out().println(fields.and("logits", raw).json());
        } else {
            session.console().out().println(text(type, labels, scores));
        }
    }

    private static String text(SequenceClassification.ProblemType type, SequenceHead.Labels labels, double[] scores) {
        List<String> parts = IntStream.range(0, scores.length)
                .mapToObj(c -> type == SequenceClassification.ProblemType.REGRESSION
                        ? String.format(Locale.ROOT, "%.4f", scores[c])
                        : String.format(Locale.ROOT, "%s %.4f", labels.names().get(c), scores[c]))
                .toList();
        return String.join("  ", parts);
    }
}
