package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.evaluation.Evaluation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Who, where, which company and when, word by word: a tagger by the head alone and by LoRA, judged by whole entities. */
public final class TagEntities {

    private static final List<String> TAGS =
            List.of("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-DATE", "I-DATE");

    private TagEntities() {}

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
        TrainingConfig run = TrainingConfig.builder()
                .epochs(epochs)
                .batchSize(16)
                .learningRate(1e-3)
                .build();
        StringBuilder table =
                new StringBuilder("| way | entities found and right (F1) | precision | recall |\n|---|---|---|---|\n");
        LoadOptions options = LoadOptions.best().withLabels(TAGS);
        try (Model<TokenHead> model = Models.load(checkpoint, options, TokenHead.class)) {
            TrainingConfig headAlone =
                    run.toBuilder().lastBlocks(0).learningRate(1e-2).build();
            FineTuner.full(model, headAlone).train(rows(data, "train", model));
            table.append(line("the head alone", model, data));
        }
        try (Model<TokenHead> model = Models.load(checkpoint, options, TokenHead.class)) {
            var lora = LoraConfig.builder(8, 16).targetModules("query", "value").build();
            var adapted = PeftModel.attach(model, lora);
            FineTuner.of(adapted, run).train(rows(data, "train", model));
            adapted.save(output);
            table.append(line("LoRA", model, data));
        }
        return table.toString();
    }

    private static List<Row> rows(Path data, String part, Model<TokenHead> model) throws Exception {
        return Dataset.read(data.resolve(part + ".jsonl"), model).rows();
    }

    private static String line(String way, Model<TokenHead> model, Path data) throws Exception {
        Map<String, Double> metrics =
                new Evaluation(rows(data, "test", model)).run(model).metrics();
        return String.format(
                Locale.ROOT,
                "| %s | %.3f | %.3f | %.3f |%n",
                way,
                metrics.get("f1"),
                metrics.get("precision"),
                metrics.get("recall"));
    }
}
