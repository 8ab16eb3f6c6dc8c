package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;

/** All methods on one task: trains each for the same number of steps and compares their held-out loss, size and speed. */
public final class CompareMethods {

    /** What one method came to. */
    record Outcome(String method, double nll, long parameters, double tokensPerSecond) {}

    /** A learning rate that suits the method, and the settings that it has no defaults for. */
    private record Choice(double learningRate, Map<String, Object> settings) {}

    private static final Map<String, Choice> CHOICES = new LinkedHashMap<>();

    static {
        CHOICES.put("lora", new Choice(5e-3, Map.of("r", 8, "target_modules", "all-linear")));
        CHOICES.put("vera", new Choice(1e-1, Map.of("r", 64, "target_modules", "all-linear")));
        CHOICES.put("loha", new Choice(5e-3, Map.of("target_modules", "all-linear")));
        CHOICES.put("lokr", new Choice(1e-2, Map.of("target_modules", "all-linear")));
        CHOICES.put("ia3", new Choice(5e-2, Map.of()));
        CHOICES.put("bitfit", new Choice(2e-2, Map.of()));
        CHOICES.put("ln-tuning", new Choice(2e-2, Map.of()));
        CHOICES.put("bottleneck", new Choice(5e-3, Map.of("bottleneck_size", 16)));
        CHOICES.put("prompt-tuning", new Choice(5e-2, Map.of("num_virtual_tokens", 20)));
        CHOICES.put("p-tuning", new Choice(5e-3, Map.of("num_virtual_tokens", 20)));
        CHOICES.put("prefix-tuning", new Choice(5e-2, Map.of("num_virtual_tokens", 20)));
        CHOICES.put("llama-adapter", new Choice(2e-2, Map.of("adapter_len", 10, "adapter_layers", 2)));
    }

    private CompareMethods() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, JSONL files of rows to train on and held out, a PNG file, and perhaps the number of steps
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        int steps = arguments.length > 4 ? Integer.parseInt(arguments[4]) : 200;
        List<Outcome> outcomes = run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), steps);
        System.out.print(table(outcomes));
        plot(outcomes, Path.of(arguments[3]));
    }

    static List<Outcome> run(Path checkpoint, Path training, Path heldOut, int steps) throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        try (Model<LanguageHead> base = Models.load(checkpoint)) {
            List<Row> rows = Dataset.read(training, base).rows();
            List<Row> test = Dataset.read(heldOut, base).rows();
            for (PeftMethod<?> method : PeftMethods.discovered().all()) {
                Choice choice = CHOICES.get(method.name());
                if (choice != null) {
                    outcomes.add(train(base, method, choice, steps, rows, test));
                }
            }
        }
        return outcomes;
    }

    private static Outcome train(
            Model<LanguageHead> base, PeftMethod<?> method, Choice choice, int steps, List<Row> rows, List<Row> test)
            throws Exception {
        Map<String, Object> values = new LinkedHashMap<>(choice.settings);
        values.put("task_type", "CAUSAL_LM");
        PeftConfig config = method.schema().read(values, method.name());
        var model = PeftModel.attach(base, config);
        TrainingConfig settings = TrainingConfig.builder()
                .steps(steps)
                .learningRate(choice.learningRate)
                .build();
        TrainingResult result = FineTuner.of(model, settings).train(rows);
        double nll = new Evaluation(test).run(base).loss();
        model.unload(); // the base model as it was, for the next method
        return new Outcome(method.name(), nll, result.trainableParameters(), result.tokensPerSecond());
    }

    static String table(List<Outcome> outcomes) {
        StringBuilder table =
                new StringBuilder("| method | held-out NLL | trained parameters | tokens/s |\n|---|---|---|---|\n");
        for (Outcome o : outcomes) {
            table.append(String.format(
                    Locale.ROOT, "| %s | %.4f | %,d | %.0f |%n", o.method, o.nll, o.parameters, o.tokensPerSecond));
        }
        return table.toString();
    }

    static void plot(List<Outcome> outcomes, Path file) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(1000)
                .height(500)
                .title("Held-out loss after the same steps")
                .yAxisTitle("NLL per token")
                .build();
        chart.addSeries(
                "NLL",
                outcomes.stream().map(Outcome::method).toList(),
                outcomes.stream().map(Outcome::nll).toList());
        chart.getStyler().setLocale(Locale.ROOT);
        chart.getStyler().setXAxisLabelRotation(45).setLegendVisible(false);
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }
}
