package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.cli.internal.option.OutputOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Probe;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.report.Reports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run of the training loop as the command line shows it, from the first listener to the saved result. */
final class TrainingSession {

    /** Remembers how far a run has come. */
    private final class Course implements TrainingListener {
        private boolean started;
        private long evaluatedAt = -1;

        @Override
        public void started(TrainingListener.Start start) {
            started = true;
            console.begin();
        }

        @Override
        public void evaluated(TrainingListener.Evaluated report) {
            evaluatedAt = report.step();
        }
    }

    private final Session session;
    private final Console console;
    private final StepPrinter printer;
    private final Course course = new Course();
    private Map<String, TrainingListener> reports = Map.of();

    /**
     * A run to come.
     *
     * @param metric that people must see, or null
     */
    TrainingSession(Session session, @Nullable String metric) {
        this.session = session;
        this.console = session.console();
        this.printer = new StepPrinter(session, metric);
    }

    /**
     * Trains and saves.
     *
     * @param heldOut rows that reports may look at, or null
     * @return how the run ended
     * @throws BadInput if data or folder do not go with the run; nothing has been written then
     * @throws IOException if writing fails
     */
    TrainingResult run(
            FineTuner tuner,
            BatchSource source,
            OutputFolder folder,
            OutputOptions options,
            Model<?> model,
            @Nullable List<Row> heldOut)
            throws IOException {
        Optional<Path> newest = options.resume ? TrainingCheckpoints.newest(folder.path()) : Optional.empty();
        if (options.resume && newest.isEmpty()) {
            console.note("there is no checkpoint in " + folder.path() + " yet: beginning with the first step");
        }
        newest.ifPresent(tuner::resumeFrom);
        tuner.listener(course).listener(printer).stopWhen(session.interruption()::requested);
        reports = options.reportsIn(folder.path(), model, heldOut);
        reports.values().forEach(tuner::listener);
        if (console.terminal()) {
            tuner.listener(Reports.progress(console.err(), console.width()));
        }
        tuner.checkpointsIn(folder.make());
        TrainingResult result = train(tuner, source);
        if (result.outcome() == TrainingResult.Outcome.INTERRUPTED) {
            console.note("stopped after step " + result.steps()
                    + (options.saveEvery > 0 ? "; --resume goes on from there" : ""));
        } else {
            tuner.save(folder.path());
        }
        if (result.outcome() == TrainingResult.Outcome.STOPPED_EARLY) {
            TrainingResult.Best best = result.best();
            console.note("stopped early after step " + result.steps()
                    + (best == null ? "" : ": the best " + best.metric() + " is that of step " + best.step()));
        }
        // They were said when they were noticed, which may be long ago.
        result.warnings().forEach(warning -> console.note("warning: still so at the end: " + warning.message()));
        return result;
    }

    /**
     * Solves for a classifier's output layer and saves.
     *
     * @return how it ended
     * @throws BadInput if rows do not go with the model; nothing has been written then
     * @throws IOException if writing fails
     */
    TrainingResult run(Probe probe, List<Row> rows, OutputFolder folder) throws IOException {
        console.begin();
        TrainingResult result = BadInput.when(
                () -> probe.stopWhen(session.interruption()::requested).fit(rows));
        if (result.outcome() == TrainingResult.Outcome.COMPLETED) {
            folder.make();
            probe.save(folder.path());
        }
        return result;
    }

    /** Until the first step it is the input that is found wanting, afterwards it is the program. */
    private TrainingResult train(FineTuner tuner, BatchSource source) throws IOException {
        try {
            return tuner.train(source);
        } catch (IllegalArgumentException e) {
            if (course.started) {
                throw e;
            }
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    /** Evaluates at the end, unless the last step was followed by an evaluation. */
    void evaluate(Model<?> model, @Nullable List<Row> heldOut, TrainingResult result) {
        if (heldOut != null && course.evaluatedAt != result.steps()) {
            TrainingResult.Best best = result.best();
            TrainingListener.Evaluated report = new TrainingListener.Evaluated(
                    best == null ? result.steps() : best.step(), new Evaluation(heldOut).run(model));
            printer.evaluated(report);
            // The other reports are closed with the run.
            Optional.ofNullable(reports.get(OutputOptions.PAGE)).ifPresent(page -> page.evaluated(report));
        }
    }
}
