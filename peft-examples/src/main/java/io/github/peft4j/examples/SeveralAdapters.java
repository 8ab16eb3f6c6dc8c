package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.TextGenerator;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Several adapters on one model: trained, switched, added up, combined, used by row, swapped, merged. */
public final class SeveralAdapters {

    private SeveralAdapters() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, a JSONL file of rows, a folder for the adapters, and a prompt
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), arguments[3], 100, System.out);
    }

    static void run(Path checkpoint, Path data, Path folder, String prompt, int steps, PrintStream out)
            throws Exception {
        try (Model<LanguageHead> base = Models.load(checkpoint)) {
            var rows = Dataset.read(data, base).rows();
            PeftModel<?> model = trained(base, rows, steps, folder);

            model.setActive("attention", "mlp"); // both at once: LoRA's updates add up
            out.println("both      " + answer(base, prompt));
            model.setActive("attention"); // one of them
            out.println("attention " + answer(base, prompt));
            out.println("none      " + model.withoutAdapters(() -> answer(base, prompt)));

            // A third adapter that the two make up: 0.7 of one and 0.3 of the other, at rank 8.
            Map<String, Double> weights = Map.of("attention", 0.7, "mlp", 0.3);
            model.combine("mixed", weights, Combination.svd().withSvdRank(8));

            // One batch, an adapter for each row, whichever are active.
            List<String> names = List.of("attention", "mixed", PeftModel.BASE);
            List<String> made = generator(base).generate(List.of(prompt, prompt, prompt), model.selectRows(names));
            for (int row = 0; row < names.size(); row++) {
                out.println(names.get(row) + ": " + made.get(row));
            }

            // The values of "attention" change for those in a folder, which must be of its layers and no larger rank.
            model.swap(folder.resolve("early/attention"), "attention");

            model.merge("mixed"); // into the weights: as fast as the base model alone
            out.println("merged    " + answer(base, prompt));
            model.unmerge(); // and out again, to the bit

            model.delete("mlp");
            out.println(model.status());
            out.println(model.parameterReport());
            model.status().layers().forEach(layer -> out.println(layer.path() + " " + layer.availableAdapters()));
        }
    }

    /** Two adapters of different layers, each trained by itself, and the first as it was half way. */
    private static PeftModel<?> trained(Model<LanguageHead> base, List<Row> rows, int steps, Path folder)
            throws Exception {
        PeftConfig attention =
                LoraConfig.builder(16, 32).targetModules("q_proj", "v_proj").build();
        var model = PeftModel.attach(base, attention, new AttachContext("attention", 0, true));
        train(model, rows, steps / 2);
        model.save(folder.resolve("early"));
        train(model, rows, steps - steps / 2);

        PeftConfig mlp =
                LoraConfig.builder(8, 16).targetModules("up_proj", "down_proj").build();
        model.add(mlp, new AttachContext("mlp", 1, true)); // neither active nor trained as yet
        model.setActive("mlp");
        model.setTrainable("mlp");
        train(model, rows, steps);
        model.save(folder); // a folder for each adapter, as Hugging Face PEFT lays them out
        return model;
    }

    private static void train(PeftModel<?> model, List<Row> rows, int steps) throws Exception {
        TrainingConfig settings =
                TrainingConfig.builder().steps(steps).learningRate(2e-3).build();
        FineTuner.of(model, settings).train(rows);
    }

    private static TextGenerator generator(Model<LanguageHead> base) {
        return TextGenerator.of(
                base, GenerationConfig.builder().greedy(true).maxNewTokens(32).build());
    }

    private static String answer(Model<LanguageHead> base, String prompt) {
        try {
            return generator(base).generate(prompt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
