package io.github.peft4j.cli.internal.console;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.util.Locale;

/** Progress where there is no terminal to show it in place: a line now and then. */
public final class SparseProgress implements TrainingListener {

    private static final int LINES = 8;

    private final Console console;
    private long steps = 1;

    public SparseProgress(Console console) {
        this.console = console;
    }

    @Override
    public void started(TrainingListener.Start start) {
        steps = start.steps();
        console.note(String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                start.trainableParameters(),
                start.allParameters(),
                100.0 * start.trainableParameters() / start.allParameters()));
    }

    @Override
    public void step(TrainingListener.Step report) {
        if (report.step() == 1 || report.step() % Math.max(1, steps / LINES) == 0) {
            console.note(String.format(Locale.ROOT, "step %d of %d: loss %.4f", report.step(), steps, report.loss()));
        }
    }

    @Override
    public void finished(TrainingResult result) {
        console.note(String.format(Locale.ROOT, "%,.0f tokens/s", result.tokensPerSecond()));
    }
}
