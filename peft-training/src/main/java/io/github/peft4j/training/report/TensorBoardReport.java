package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Reports#tensorBoard}. */
final class TensorBoardReport implements TrainingListener {

    private final Path folder;
    private @Nullable EventFile events;

    TensorBoardReport(Path folder) {
        this.folder = folder;
    }

    @Override
    public String name() {
        return "the curves in " + folder;
    }

    @Override
    public void started(TrainingListener.Start start) {
        try {
            Files.createDirectories(folder);
            events = new EventFile(unused(), now());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private File unused() {
        String base = "events.out.tfevents." + System.currentTimeMillis() / 1000 + ".peft4j."
                + ProcessHandle.current().pid() + ".";
        int number = 0;
        File file = folder.resolve(base + number).toFile();
        while (file.exists()) {
            file = folder.resolve(base + ++number).toFile();
        }
        return file;
    }

    @Override
    public void step(TrainingListener.Step report) {
        write(
                report.step(),
                Map.of(
                        "train/loss", report.loss(),
                        "train/grad_norm", report.gradNorm(),
                        "train/learning_rate", report.learningRate(),
                        "train/tokens_per_second", report.tokens() / report.seconds()));
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        write(report.step(), Map.of("eval/loss", report.result().loss()));
    }

    private void write(long step, Map<String, Double> values) {
        EventFile file = events;
        if (file == null) {
            return;
        }
        values.forEach((tag, value) -> {
            try {
                file.scalar(tag, value.floatValue(), step, now());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }

    @Override
    public void finished(TrainingResult result) {
        if (events == null) {
            return;
        }
        try {
            events.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
