package io.github.peft4j.training.report;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** {@link Reports#lossCurve}. */
final class LossCurve implements TrainingListener {

    private final Path file;
    private final LossChart.Points losses;
    private final LossChart.Points evaluations;

    LossCurve(Path file) {
        OptionalLibrary.require("org.knowm.xchart.XYChart", "org.knowm.xchart:xchart", "Reports.lossCurve");
        this.file = file;
        this.losses = new LossChart.Points();
        this.evaluations = new LossChart.Points();
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
        // A channel fails on an interrupted thread, and the picture of an interrupted run is wanted too.
        boolean interrupted = Thread.interrupted();
        try {
            ByteBuffer png = ByteBuffer.wrap(LossChart.png(losses, evaluations));
            AtomicWrite.toFile(file, channel -> {
                while (png.hasRemaining()) {
                    channel.write(png);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
