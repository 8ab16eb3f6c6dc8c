package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.tokens.TokenHead;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;
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
            "  peft4j predict --model ./smollm2 --adapter my-classifier --labels no,yes --data rows.jsonl --json",
            "",
            "Of a classifier of tokens each of these is a list with an entry per token.",
            "JSON, per row: label, label_id, scores (probabilities), logits; where labels do not exclude each other, label and"
                    + " label_id are lists of those that apply; for values: score, logits. At the end: done, rows, seconds."
        })
public final class PredictCommand extends Subcommand {

    private final RowsOnModel input = new RowsOnModel(sections);

    @Override
    public int run(Session session) throws IOException {
        Task task = input.check("predict");
        if (!task.classifies()) {
            throw new BadInput("predict needs a classifier: " + input.modelName()
                    + " predicts tokens, for which there is peft4j generate; --task " + SequenceHead.TASK + " or "
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
        for (float[][] row : logits) {
            List<Integer> best =
                    Arrays.stream(row).map(SequenceClassifier::largest).toList();
            List<String> names = best.stream().map(labels.names()::get).toList();
            if (!session.json()) {
                session.console().out().println(String.join(" ", names));
                continue;
            }
            session.print(Fields.of("label", names)
                    .and("label_id", best)
                    .and("scores", table(row, TokenHead::scores))
                    .and("logits", table(row, PredictCommand::doubles)));
        }
        done(session, rows.size(), seconds);
    }

    private static List<List<Double>> table(float[][] rows, Function<float[], double[]> each) {
        return Arrays.stream(rows)
                .map(row -> Arrays.stream(each.apply(row)).boxed().toList())
                .toList();
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
