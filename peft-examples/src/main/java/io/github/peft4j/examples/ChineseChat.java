package io.github.peft4j.examples;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.TextGenerator;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.PromptTemplate;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.report.Reports;
import java.nio.file.Path;

/**
 * The well-known tutorial of prompt tuning, from two names to an answer: ten vectors before every prompt teach Bloom-1b4-zh to answer questions, by Alpaca's
 * rows in Chinese. {@code docs/tutorial/chinese-chat.md} goes the same way by command.
 *
 * @param checkpoint a model on a hub, or a folder
 * @param data rows with {@code instruction}, {@code input} and {@code output}: a folder as {@code save_to_disk} of Hugging Face's datasets writes it, any
 *     other data, or a data set on a hub
 * @param output a new folder for the adapter and its checkpoints
 * @param words a text that the vectors begin as, one for each of its tokens; or empty for ten random ones
 */
public record ChineseChat(String checkpoint, String data, Path output, String words) {

    private static final PromptTemplate TEMPLATE = PromptTemplate.HUMAN_ASSISTANT;
    private static final int LENGTH = 256;
    private static final int VIRTUAL_TOKENS = 10;
    private static final int SAVE_EVERY = 20;

    /**
     * Runs the example.
     *
     * @param arguments what the record says, each of which has a default
     * @throws Exception if something is wrong with what is named, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        ChineseChat chat = new ChineseChat(
                argument(arguments, 0, "Langboat/bloom-1b4-zh"),
                argument(arguments, 1, "alpaca_data_zh"),
                Path.of(argument(arguments, 2, "chatbot")),
                argument(arguments, 3, "")); // for example 下面是一段人与机器人的对话。
        Path newest = chat.train();
        System.out.println(chat.answer(newest, "考试有哪些技巧?"));
    }

    private static String argument(String[] arguments, int index, String usual) {
        return arguments.length > index ? arguments[index] : usual;
    }

    /** Trains one pass over the rows, and returns the last checkpoint. */
    Path train() throws Exception {
        try (Model<LanguageHead> base = Models.load(checkpoint)) {
            EncodingOptions options = EncodingOptions.of(base)
                    .withTemplate(TEMPLATE)
                    .withMaxLength(LENGTH)
                    .withTruncation(EncodingOptions.Truncation.RIGHT);
            Dataset rows = Dataset.from(RowSource.named(data), options);
            System.out.println(rows.report());

            var model = PeftModel.attach(base, prompt(base));
            System.out.println(model.parameterReport());
            TrainingConfig settings = TrainingConfig.builder()
                    .epochs(1)
                    .batchSize(1)
                    .accumulation(8)
                    .learningRate(1e-2)
                    .saveEvery(SAVE_EVERY)
                    .build();
            long steps = FineTuner.of(model, settings)
                    .listener(Reports.progress(System.err))
                    .checkpointsIn(output)
                    .train(rows.rows())
                    .steps();
            model.save(output);
            return output.resolve("checkpoint-" + steps);
        }
    }

    private PromptTuningConfig prompt(Model<LanguageHead> base) throws Exception {
        if (words.isEmpty()) {
            return PromptTuningConfig.builder(VIRTUAL_TOKENS).build();
        }
        int tokens = base.tokenizer().encode(words).length;
        return PromptTuningConfig.builder(tokens).text(words, checkpoint).build();
    }

    /** Asks the checkpoint's model with an adapter, and returns what it draws: prompt and answer have 256 tokens at most. */
    String answer(Path adapter, String question) throws Exception {
        try (Model<LanguageHead> base = Models.load(checkpoint)) {
            PeftModel.load(base, adapter);
            GenerationConfig drawn = GenerationConfig.builder(base)
                    .greedy(false)
                    .maxLength(LENGTH)
                    .build();
            String prompt = TEMPLATE.prompt(question, "");
            return prompt + TextGenerator.of(base, drawn).generate(prompt);
        }
    }
}
