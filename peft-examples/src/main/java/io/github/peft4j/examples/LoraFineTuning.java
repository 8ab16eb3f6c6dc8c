package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.generate.TextGenerator;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import java.nio.file.Path;

/** The whole way: load a checkpoint, put LoRA on it, train, save the adapter, generate. Text goes in, text comes out. */
public final class LoraFineTuning {

    private LoraFineTuning() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder or hub id, a JSONL file of rows, a folder for the adapter, and a prompt
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        System.out.println(run(arguments[0], Path.of(arguments[1]), Path.of(arguments[2]), arguments[3], 100));
    }

    static String run(String checkpoint, Path data, Path output, String prompt, int steps) throws Exception {
        try (var base = Models.load(checkpoint)) { // a folder, or a model on a hub
            var lora =
                    LoraConfig.builder(16, 32).targetModules("q_proj", "v_proj").build();
            var model = PeftModel.attach(base, lora);
            System.out.println(model.parameterReport());

            var settings = TrainingConfig.builder()
                    .steps(steps)
                    .batchSize(4)
                    .learningRate(2e-3)
                    .build();
            FineTuner.of(model, settings).train(Dataset.read(data, base).rows());
            model.save(output); // adapter_config.json and adapter_model.safetensors, for Java and Python alike

            return TextGenerator.of(base).generate(prompt); // with the adapter, until it is taken out again
        }
    }
}
