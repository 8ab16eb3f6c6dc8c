package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.bitfit.BitFitConfig;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Probe;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.progress.TrainingResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Sentiment in eight ways, from a logistic regression on frozen features to all layers, as one table. Each way runs in a process of its own,
 * so that its memory is its own.
 */
public final class CompareClassifiers {

    private static final List<String> LABELS = List.of("negative", "positive");
    private static final int BATCH = 16;

    /** A way to make a classifier of a checkpoint, learning rate and all. */
    private interface Way {
        TrainingResult train(Model<SequenceHead> model, List<Row> rows, TrainingConfig.Builder run) throws Exception;
    }

    private static final Map<String, Way> WAYS = new LinkedHashMap<>();

    static {
        WAYS.put("probe", (model, rows, run) -> Probe.of(model, Probe.USUAL_C).fit(rows));
        WAYS.put(
                "last-2-layers",
                (model, rows, run) -> whole(model, rows, run.learningRate(2e-4).lastBlocks(2)));
        WAYS.put(
                "all-layers",
                (model, rows, run) -> whole(model, rows, run.learningRate(2e-4).layerDecay(0.8)));
        WAYS.put("lora", (model, rows, run) -> adapter(model, rows, run.learningRate(1e-3), lora()));
        WAYS.put(
                "lora-plus",
                (model, rows, run) ->
                        adapter(model, rows, run.learningRate(5e-4).loraPlus(4), lora()));
        WAYS.put(
                "ia3",
                (model, rows, run) -> adapter(
                        model, rows, run.learningRate(1e-2), Ia3Config.builder().build()));
        WAYS.put(
                "bitfit",
                (model, rows, run) -> adapter(
                        model,
                        rows,
                        run.learningRate(2e-3),
                        BitFitConfig.builder().build()));
        WAYS.put(
                "prompt-tuning",
                (model, rows, run) -> adapter(
                        model,
                        rows,
                        run.learningRate(2e-2),
                        PromptTuningConfig.builder(20).build()));
    }

    private CompareClassifiers() {}

    private static PeftConfig lora() {
        return LoraConfig.builder(8, 16).targetModules("query", "value").build();
    }

    private static TrainingResult whole(Model<SequenceHead> model, List<Row> rows, TrainingConfig.Builder run)
            throws Exception {
        return FineTuner.full(model, run.build()).train(rows);
    }

    private static TrainingResult adapter(
            Model<SequenceHead> model, List<Row> rows, TrainingConfig.Builder run, PeftConfig config) throws Exception {
        return FineTuner.of(PeftModel.attach(model, config), run.build()).train(rows);
    }

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, a folder with {@code train.jsonl} and {@code test.jsonl}, and perhaps passes over the rows, a seed,
     *     and ways, each of which is otherwise run
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        double epochs = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 1;
        long seed = arguments.length > 3 ? Long.parseLong(arguments[3]) : 0;
        if (arguments.length == 5) {
            System.out.println(run(Path.of(arguments[0]), Path.of(arguments[1]), epochs, seed, arguments[4]));
            return;
        }
        System.out.println(
                "| way | accuracy | trained parameters | share | CPU seconds | peak MiB |\n|---|---|---|---|---|---|");
        for (String way : WAYS.keySet()) {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    CompareClassifiers.class.getName()));
            command.addAll(List.of(arguments[0], arguments[1], String.valueOf(epochs), String.valueOf(seed), way));
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IllegalStateException(way + " ended with " + code);
            }
        }
    }

    /** Of all threads, so that what else the machine does counts little. */
    private static Duration cpuTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** All ways there are. */
    static List<String> ways() {
        return List.copyOf(WAYS.keySet());
    }

    /** Trains in one way, and returns its line of the table. */
    static String run(Path checkpoint, Path data, double epochs, long seed, String way) throws Exception {
        LoadOptions options = LoadOptions.best().withLabels(LABELS).withSeed(seed);
        try (Model<SequenceHead> model = Models.load(checkpoint, options, SequenceHead.class)) {
            List<Row> rows = Dataset.read(data.resolve("train.jsonl"), model).rows();
            List<Row> test = Dataset.read(data.resolve("test.jsonl"), model).rows();
            TrainingConfig.Builder run =
                    TrainingConfig.builder().epochs(epochs).batchSize(BATCH).seed(seed);
            Duration before = cpuTime();
            TrainingResult result = Objects.requireNonNull(WAYS.get(way), way).train(model, rows, run);
            Duration taken = cpuTime().minus(before);
            double accuracy = Objects.requireNonNull(
                    new Evaluation(test).run(model).metrics().get("accuracy"));
            return String.format(
                    Locale.ROOT,
                    "| %s | %.1f %% | %,d | %.2f %% | %.0f | %,d |",
                    way,
                    100 * accuracy,
                    result.trainableParameters(),
                    100.0 * result.trainableParameters() / result.allParameters(),
                    taken.toMillis() / 1e3,
                    result.peakRssMib());
        }
    }
}
