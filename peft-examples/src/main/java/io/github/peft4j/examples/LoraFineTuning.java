package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import java.nio.file.Path;
import java.util.List;

/** The whole way: load a checkpoint, put LoRA on it, train, save the adapter, generate. */
public final class LoraFineTuning {

    private LoraFineTuning() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, a JSONL file of rows, a folder for the adapter, and a prompt
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        System.out.println(run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), arguments[3], 100));
    }

    static String run(Path checkpoint, Path data, Path output, String prompt, int steps) throws Exception {
        try (Model<LanguageHead> base = Models.load(checkpoint);
                Tokenizer tokenizer = Tokenizer.open(checkpoint)) {
            EncodingOptions options = EncodingOptions.of(base.vocabSize()).withTokenizer(tokenizer);
            var rows = Dataset.read(List.of(data), options).rows();

            LoraConfig lora =
                    LoraConfig.builder(16, 32).targetModules("q_proj", "v_proj").build();
            var model = PeftModel.attach(base, lora);
            System.out.println(model.parameterReport());

            TrainingConfig settings = TrainingConfig.builder()
                    .steps(steps)
                    .batchSize(4)
                    .learningRate(2e-3)
                    .build();
            FineTuner.of(model, settings).train(rows);
            model.save(output); // adapter_config.json and adapter_model.safetensors, for Java and Python alike

            GenerationConfig greedy = GenerationConfig.builder(checkpoint)
                    .greedy(true)
                    .maxNewTokens(48)
                    .build();
            int[] ids = new Generator(base, greedy)
                    .generate(List.of(tokenizer.encode(prompt)))
                    .get(0)
                    .ids();
            return tokenizer.decode(ids, true);
        }
    }
}
