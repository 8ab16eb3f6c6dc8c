package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.evaluation.Evaluation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A search that learns the words of a handbook: LoRA on a sentence encoder, from questions and the entries that answer them. Questions of the
 * test ask about other things, in other words.
 */
public final class EmbeddingsWithLora {

    private static final String QUESTION = "the toaster is broken, must I pay for another";
    private static final List<String> ENTRIES = List.of(
            "Toaster: commissioning",
            "Toaster: procurement of components",
            "Toaster: restoring the supply of mains voltage",
            "Toaster: statutory conformity obligations of the vendor",
            "Projector: statutory conformity obligations of the vendor");

    private EmbeddingsWithLora() {}

    /**
     * Runs the example.
     *
     * @param arguments a folder of sentence-transformers, a folder with {@code train.jsonl} and {@code test.jsonl}, a folder for the adapter, and
     *     perhaps passes over the rows
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        double epochs = arguments.length > 3 ? Double.parseDouble(arguments[3]) : 10;
        System.out.print(run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), epochs));
    }

    static String run(Path checkpoint, Path data, Path output, double epochs) throws Exception {
        try (Model<EmbeddingHead> base = Models.load(checkpoint, LoadOptions.best(), EmbeddingHead.class)) {
            List<Row> rows = Dataset.read(data.resolve("train.jsonl"), base).rows();
            List<Row> test = Dataset.read(data.resolve("test.jsonl"), base).rows();
            StringBuilder told = new StringBuilder("| vectors | accuracy@1 | mrr@10 | ndcg@10 |\n|---|---|---|---|\n");
            told.append(line("as they are", base, test));
            String before = nearest(base);

            var lora = LoraConfig.builder(8, 16).targetModules("query", "value").build();
            var model = PeftModel.attach(base, lora);
            TrainingConfig settings = TrainingConfig.builder()
                    .epochs(epochs)
                    .batchSize(32) // each question must find its entry among 32
                    .learningRate(1e-3)
                    .build();
            FineTuner.of(model, settings).train(rows);
            model.save(output);

            told.append(line("with LoRA", base, test));
            told.append("\n\"").append(QUESTION).append("\", as they are:\n").append(before);
            told.append("with LoRA:\n").append(nearest(base));
            return told.toString();
        }
    }

    /** How well each question of the rows finds its entry among those of all rows. */
    private static String line(String vectors, Model<EmbeddingHead> model, List<Row> test) {
        Map<String, Double> metrics = new Evaluation(test).run(model).metrics();
        return String.format(
                Locale.ROOT,
                "| %s | %.3f | %.3f | %.3f |%n",
                vectors,
                metrics.get("accuracy@1"),
                metrics.get("mrr@10"),
                metrics.get("ndcg@10"));
    }

    /** Some entries, that which is nearest to a question first. */
    private static String nearest(Model<EmbeddingHead> model) throws Exception {
        TextEmbedder embedder = TextEmbedder.of(model);
        float[] question = embedder.embed(List.of(QUESTION))[0];
        float[][] entries = embedder.embed(ENTRIES);
        List<Integer> order = new ArrayList<>();
        double[] cosines = new double[entries.length];
        for (int entry = 0; entry < entries.length; entry++) {
            order.add(entry);
            cosines[entry] = cosine(question, entries[entry]);
        }
        order.sort(Comparator.comparingDouble(entry -> -cosines[entry]));
        StringBuilder lines = new StringBuilder();
        for (int entry : order) {
            lines.append(String.format(Locale.ROOT, "    %.3f %s%n", cosines[entry], ENTRIES.get(entry)));
        }
        return lines.toString();
    }

    private static double cosine(float[] one, float[] other) {
        return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
    }

    private static double dot(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (double) one[i] * other[i];
        }
        return sum;
    }
}
