package example;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;



/** Fine-tunes a model for three steps, in a thread of the common pool, when the application has started. */
@SpringBootApplication
public class App implements CommandLineRunner {

    /** Made by Spring. */
    public App() {}

    /** Takes a checkpoint folder, a file of rows, and a folder for the adapter. */
    public static void main(String[] arguments) {
        SpringApplication.run(App.class, arguments);
    }

    @Override
    public void run(String... arguments) {
        System.out.println(CompletableFuture.supplyAsync(() -> train(arguments)).join());
    }

    static String train(String... arguments) {
        try (var base = Models.load(arguments[0])) {
            var rows = Dataset.read(Path.of(arguments[1]), base).rows();
            var model = PeftModel.attach(base, LoraConfig.builder(8, 16).targetModules("q_proj").build());
            long trained = FineTuner.of(model, TrainingConfig.builder().steps(3).learningRate(1e-3).build())
                    .train(rows)
                    .trainableParameters();
            model.save(Path.of(arguments[2]));
            return "trained " + trained + " parameters";
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
