package io.github.peft4j.training.report;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.training.progress.TrainingListener;
import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link Reports#csv}. */
final class CsvReport extends FileReport<Writer> {

    private static final String HEADER = "step,loss,grad_norm,learning_rate,tokens,supervised_tokens,seconds,eval_nll";

    CsvReport(Path file) {
        super("the table", file);
    }

    @Override
    Writer open(TrainingListener.Start start) throws IOException {
        AtomicWrite.toFile(path, String.join("\n", kept(start.firstStep())) + "\n");
        // Not through Files: its channels fail on an interrupted thread, and the last lines of an interrupted run
        // count.
        return new BufferedWriter(
                new OutputStreamWriter(new FileOutputStream(path.toFile(), true), StandardCharsets.UTF_8));
    }

    private List<String> kept(long firstStep) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        if (firstStep == 0 || !Files.exists(path)) {
            return lines;
        }
        for (String line : Files.readAllLines(path)) {
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
        use(writer -> {
            writer.write(text + "\n");
            writer.flush();
        });
    }
}
