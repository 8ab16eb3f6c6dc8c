package io.github.peft4j.training.report;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link Reports#csv}. */
final class CsvReport implements TrainingListener {

    private static final String HEADER = "step,loss,grad_norm,learning_rate,tokens,supervised_tokens,seconds,eval_nll";

    private final Path file;
    private @Nullable Writer writer;

    CsvReport(Path file) {
        this.file = file;
    }

    @Override
    public String name() {
        return "the table " + file;
    }

    @Override
    public void started(TrainingListener.Start start) {
        try {
            AtomicWrite.toFile(file, String.join("\n", kept(start.firstStep())) + "\n");
            // Not through Files: its channels fail on an interrupted thread, and the last lines of an interrupted run
            // count.
            writer = new BufferedWriter(
                    new OutputStreamWriter(new FileOutputStream(file.toFile(), true), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> kept(long firstStep) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        if (firstStep == 0 || !Files.exists(file)) {
            return lines;
        }
        for (String line : Files.readAllLines(file)) {
            String step = line.substring(0, Math.max(0, line.indexOf(',')));
            if (step.matches("\\d{1,18}") && Long.parseLong(step) <= firstStep) {
                lines.add(line);
            }
        }
        return lines;
    }

    @Override
    public void step(TrainingListener.Step report) {
        line(report.step() + "," + report.loss() + "," + report.gradNorm() + "," + report.learningRate() + ","
                + report.tokens() + "," + report.supervisedTokens() + "," + report.seconds() + ",");
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        line(report.step() + ",,,,,,," + report.result().loss());
    }

    private void line(String text) {
        if (writer == null) {
            return;
        }
        try {
            writer.write(text + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void finished(TrainingResult result) {
        if (writer == null) {
            return;
        }
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
