package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.evaluation.Evaluation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What somebody wants of a voice assistant, by prompt tuning: twenty trained vectors before every text and a head are all that tells a
 * sentence encoder from a classifier of intents.
 */
public final class IntentsByPromptTuning {

    private static final List<String> INTENTS =
            List.of("alarm", "lights", "message", "music", "recipe", "shopping", "timer", "weather");

    private IntentsByPromptTuning() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, a folder with {@code train.jsonl} and {@code test.jsonl}, a folder for the adapter, and perhaps
     *     passes over the rows
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        double epochs = arguments.length > 3 ? Double.parseDouble(arguments[3]) : 10;
        System.out.print(run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), epochs));
    }

    static String run(Path checkpoint, Path data, Path output, double epochs) throws Exception {
        LoadOptions options = LoadOptions.best().withLabels(INTENTS);
        try (Model<SequenceHead> base = Models.load(checkpoint, options, SequenceHead.class)) {
            List<Row> rows = Dataset.read(data.resolve("train.jsonl"), base).rows();
            List<Row> test = Dataset.read(data.resolve("test.jsonl"), base).rows();
            var model = PeftModel.attach(base, PromptTuningConfig.builder(20).build());
            System.out.println(model.parameterReport());
            TrainingConfig settings = TrainingConfig.builder()
                    .epochs(epochs)
                    .batchSize(16)
                    .learningRate(2e-2)
                    .build();
            FineTuner.of(model, settings).train(rows);
            model.save(output);
            return table(new Evaluation(test).run(base));
        }
    }

    /** How many rows of each intent are found, and how often a row that is said to be of it is. */
    private static String table(Evaluation.Result result) {
        List<List<Long>> confusion = result.found().confusion(); // by what rows are, then by what they are taken for
        StringBuilder table = new StringBuilder("| intent | rows | found | said and right |\n|---|---|---|---|\n");
        for (int intent = 0; intent < INTENTS.size(); intent++) {
            int column = intent;
            long right = confusion.get(intent).get(intent);
            long rows =
                    confusion.get(intent).stream().mapToLong(Long::longValue).sum();
            long said = confusion.stream().mapToLong(row -> row.get(column)).sum();
            table.append(String.format(
                    Locale.ROOT, "| %s | %d | %d | %d of %d |%n", INTENTS.get(intent), rows, right, right, said));
        }
        double accuracy = Objects.requireNonNull(result.metrics().get("accuracy"));
        return table.append(String.format(Locale.ROOT, "%.1f %% of all%n", 100 * accuracy))
                .toString();
    }
}
