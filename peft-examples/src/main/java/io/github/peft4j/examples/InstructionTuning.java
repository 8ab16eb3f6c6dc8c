package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.TextGenerator;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.PromptTemplate;
import io.github.peft4j.training.report.Reports;
import java.nio.file.Path;
import java.util.List;

/**
 * What the examples of single methods have in common: rows with an instruction in, an adapter out, and an answer to look at. They differ in
 * the method's config, the template and the learning rate.
 *
 * @param checkpoint a folder as Hugging Face's {@code save_pretrained} writes it, with its {@code tokenizer.json}
 * @param data JSONL rows with {@code instruction}, {@code output} and perhaps {@code input}; other rows of text will do
 * @param output a folder for the adapter
 * @param steps optimizer steps of four rows each
 */
record InstructionTuning(Path checkpoint, Path data, Path output, int steps) {

    private static final int MAX_LENGTH = 256;
    private static final int ANSWER = 64;

    /** From a program's arguments: checkpoint, data, output, and perhaps the number of steps. */
    static InstructionTuning of(String... arguments) {
        return new InstructionTuning(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                Path.of(arguments[2]),
                arguments.length > 3 ? Integer.parseInt(arguments[3]) : 200);
    }

    /**
     * Trains an adapter, saves it and answers an instruction with it.
     *
     * @return the answer
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    String run(PeftConfig config, double learningRate, PromptTemplate template, String instruction) throws Exception {
        try (Model<LanguageHead> base = Models.load(checkpoint)) {
            EncodingOptions options =
                    EncodingOptions.of(base).withTemplate(template).withMaxLength(MAX_LENGTH);
            List<Row> rows = Dataset.read(List.of(data), options).rows();

            var model = PeftModel.attach(base, config);
            System.out.println(model.parameterReport());
            TrainingConfig settings = TrainingConfig.builder()
                    .steps(steps)
                    .learningRate(learningRate)
                    .build();
            FineTuner.of(model, settings).listener(Reports.progress(System.err)).train(rows);
            model.save(output);

            GenerationConfig greedy = GenerationConfig.builder(base)
                    .greedy(true)
                    .maxNewTokens(ANSWER)
                    .build();
            return TextGenerator.of(base, greedy).generate(template.prompt(instruction, ""));
        }
    }
}
