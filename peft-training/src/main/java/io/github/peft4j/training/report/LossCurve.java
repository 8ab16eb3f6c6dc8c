package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.report.internal.Curve;
import io.github.peft4j.training.report.internal.ReportFile;
import java.nio.file.Path;

/** {@link Reports#lossCurve}. */
final class LossCurve implements TrainingListener {

    private final Path file;
    private final Curve losses;
    private final Curve evaluations;

    LossCurve(Path file) {
        OptionalLibrary.require("org.knowm.xchart.XYChart", "org.knowm.xchart:xchart", "Reports.lossCurve");
        this.file = file;
        this.losses = new Curve();
        this.evaluations = new Curve();
    }

    @Override
    public String name() {
        return "the picture " + file;
    }

    @Override
    public void started(TrainingListener.Start start) {
        for (TrainingListener.Logged entry : start.history()) {
            entry.value("loss").ifPresent(loss -> losses.add(entry.step(), loss));
            entry.value("eval_loss").ifPresent(loss -> evaluations.add(entry.step(), loss));
        }
    }

    @Override
    public void step(TrainingListener.Step report) {
        losses.add(report.step(), report.loss());
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        evaluations.add(report.step(), report.result().loss());
    }

    @Override
    public void saved(TrainingListener.Saved report) {
        draw();
    }

    @Override
    public void finished(TrainingResult result) {
        draw();
    }

    private void draw() {
        if (losses.isEmpty()) {
            return;
        }
        ReportFile.write(file, () -> LossChart.png(losses, evaluations));
    }
}
