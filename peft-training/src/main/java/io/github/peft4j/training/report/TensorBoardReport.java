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

/**
 * Curves for TensorBoard ({@code tensorboard --logdir FOLDER}), under the names that transformers' {@code Trainer} uses:
 * {@code train/loss}, {@code train/grad_norm}, {@code train/learning_rate}, {@code eval/loss}; besides {@code train/tokens_per_second}.
 *
 * <p>Each run adds a file of its own; TensorBoard shows all files of a folder as one curve.
 */
public final class TensorBoardReport implements TrainingListener {

    private final Path folder;
    private @Nullable EventFile events;

    /** Writes into this folder, made if need be once the run starts. */
    public TensorBoardReport(Path folder) {
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
