package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.progress.TrainingListener;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what happens in a run: as JSON every step, for people some twenty rows of a table. */
final class StepPrinter implements TrainingListener {

    private static final int ROWS = 20;

    /** Metrics that a line for people has room for, besides the one that matters. */
    private static final int SHOWN = 4;

    private static final String HEAD = "%8s  %10s  %10s  %13s  %8s  %8s%n";
    private static final String ROW = "%8d  %10.4f  %10.4f  %13s  %,8d  %8.2f%n";

    private final Console console;
    private final boolean json;
    private final @Nullable String metric;
    private long every = 1;
    private long steps;

    StepPrinter(Session session, @Nullable String metric) {
        this.console = session.console();
        this.json = session.json();
        this.metric = metric;
    }

    @Override
    public void started(TrainingListener.Start start) {
        steps = start.steps();
        every = Math.max(1, (start.steps() - start.firstStep() + ROWS - 1) / ROWS);
        if (start.firstStep() > 0) {
            console.note("going on after step " + start.firstStep());
        }
        if (!json) {
            console.out().printf(Locale.ROOT, HEAD, "step", "loss", "grad norm", "learning rate", "tokens", "seconds");
        }
    }

    @Override
    public void step(TrainingListener.Step report) {
        if (json) {
            console.out()
                    .println(Fields.of("step", report.step())
                            .and("loss", report.loss())
                            .and("grad_norm", report.gradNorm())
                            .and("learning_rate", report.learningRate())
                            .and("tokens", report.tokens())
                            .and("supervised_tokens", report.supervisedTokens())
                            .and("seconds", report.seconds())
                            .json());
        } else if (report.step() % every == 0 || report.step() == steps) {
            console.clearLine();
            console.out()
                    .printf(
                            Locale.ROOT,
                            ROW,
                            report.step(),
                            report.loss(),
                            report.gradNorm(),
                            String.format(Locale.ROOT, "%.3e", report.learningRate()),
                            report.tokens(),
                            report.seconds());
        }
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        evaluated(report.step(), report.result());
    }

    /** Prints the result of an evaluation. */
    void evaluated(long step, Evaluation.Result result) {
        if (!result.metrics().isEmpty()) {
            judged(step, result);
            return;
        }
        double nll = result.loss();
        if (json) {
            console.out().println(Fields.of("step", step).and("eval_nll", nll).json());
        } else {
            console.clearLine();
            console.out().printf(Locale.ROOT, "%8d  held-out negative log-likelihood per token %.4f%n", step, nll);
        }
    }

    private void judged(long step, Evaluation.Result result) {
        if (json) {
            Fields fields = Fields.of("step", step).and("eval_loss", result.loss());
            console.out()
                    .println(JudgedFields.of(fields, "eval_", result.found()).json());
            return;
        }
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "%8d  held-out loss %.4f", step, result.loss()));
        List<String> keys = List.copyOf(result.metrics().keySet());
        keys.stream()
                .filter(key -> keys.indexOf(key) < SHOWN || key.equals(metric))
                .forEach(key -> text.append(String.format(
                        Locale.ROOT, ", %s %.4f", key, result.metrics().get(key))));
        console.clearLine();
        console.out().println(text);
    }

    @Override
    public void saved(TrainingListener.Saved report) {
        console.note("saved " + report.checkpoint());
    }
}
