package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@link Reports#tensorBoard}. */
final class TensorBoardReport extends FileReport<EventFile> {

    TensorBoardReport(Path folder) {
        super("the curves in", folder);
    }

    @Override
    EventFile open(TrainingListener.Start start) throws IOException {
        Files.createDirectories(path);
        return new EventFile(unused(), now());
    }

    private File unused() {
        String base = "events.out.tfevents." + System.currentTimeMillis() / 1000 + ".peft4j."
                + ProcessHandle.current().pid() + ".";
        int number = 0;
        File file = path.resolve(base + number).toFile();
        while (file.exists()) {
            file = path.resolve(base + ++number).toFile();
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
        Map<String, Double> metrics = new LinkedHashMap<>();
        report.result().found().defined().forEach((key, value) -> metrics.put("eval/" + key, value));
        write(report.step(), metrics);
    }

    private void write(long step, Map<String, Double> values) {
        use(file -> {
            for (Map.Entry<String, Double> value : values.entrySet()) {
                file.scalar(value.getKey(), value.getValue().floatValue(), step, now());
            }
        });
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }
}
