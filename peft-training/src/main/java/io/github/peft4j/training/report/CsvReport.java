package io.github.peft4j.training.report;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.training.progress.TrainingListener;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@link Reports#csv}. */
final class CsvReport extends FileReport<CsvReport.Table> {

    private static final String HEADER = "step,loss,grad_norm,learning_rate,tokens,supervised_tokens,seconds,eval_nll";

    /** Before the names of metrics, as transformers has it. */
    private static final String METRIC = "eval_";

    CsvReport(Path file) {
        super("the table", file);
    }

    @Override
    Table open(TrainingListener.Start start) throws IOException {
        return new Table(path, kept(start.firstStep()));
    }

    private List<String> kept(long firstStep) throws IOException {
        List<String> lines = new ArrayList<>();
        List<String> old = firstStep == 0 || !Files.exists(path) ? List.of() : Files.readAllLines(path);
        lines.add(old.isEmpty() || !old.get(0).startsWith(HEADER) ? HEADER : old.get(0));
        for (String line : old) {
            String step = line.substring(0, Math.max(0, line.indexOf(',')));
            if (step.matches("\\d{1,18}") && Long.parseLong(step) <= firstStep) {
                lines.add(line);
            }
        }
        return lines;
    }

    @Override
    public void step(TrainingListener.Step report) {
        use(table -> table.line(
                report.step() + "," + report.loss() + "," + report.gradNorm() + "," + report.learningRate() + ","
                        + report.tokens() + "," + report.supervisedTokens() + "," + report.seconds() + ",",
                Map.of()));
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        use(table -> table.line(
                report.step() + ",,,,,,," + report.result().loss(),
                report.result().metrics()));
    }

    /** The open file, which gets a column for each metric when an evaluation first brings it. */
    static final class Table implements Closeable {

        private final Path path;
        private final List<String> metrics = new ArrayList<>();
        private Writer writer;

        Table(Path path, List<String> lines) throws IOException {
            this.path = path;
            for (String name : lines.get(0).substring(HEADER.length()).split(",")) {
                if (name.startsWith(METRIC)) {
                    metrics.add(name.substring(METRIC.length()));
                }
            }
            this.writer = written(lines);
        }

        private Writer written(List<String> lines) throws IOException {
            AtomicWrite.toFile(path, String.join("\n", lines) + "\n");
            // Not through Files: its channels fail on an interrupted thread, and the last lines of an interrupted run
            // count.
            return new BufferedWriter(
                    new OutputStreamWriter(new FileOutputStream(path.toFile(), true), StandardCharsets.UTF_8));
        }

        void line(String text, Map<String, Double> found) throws IOException {
            if (!metrics.containsAll(found.keySet())) {
                widen(found);
            }
            StringBuilder line = new StringBuilder(text);
            for (String metric : metrics) {
                Double value = found.get(metric);
                line.append(',').append(value == null || value.isNaN() ? "" : value);
            }
            writer.write(line.append('\n').toString());
            writer.flush();
        }

        private void widen(Map<String, Double> found) throws IOException {
            writer.close();
            List<String> more = found.keySet().stream()
                    .filter(name -> !metrics.contains(name))
                    .toList();
            List<String> lines = new ArrayList<>(Files.readAllLines(path));
            lines.replaceAll(line -> line + ",".repeat(more.size()));
            metrics.addAll(more);
            lines.set(0, HEADER + "," + METRIC + String.join("," + METRIC, metrics));
            writer = written(lines);
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
