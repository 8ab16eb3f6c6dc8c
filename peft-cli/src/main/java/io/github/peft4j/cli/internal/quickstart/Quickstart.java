package io.github.peft4j.cli.internal.quickstart;

import ai.djl.Device;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.console.SparseProgress;
import io.github.peft4j.cli.internal.generation.Continuations;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.RowReader;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.report.Reports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The main job on a small checkpoint: fine-tunes it to turn free text into strict records, and compares what it makes of held-out texts
 * before and after.
 */
final class Quickstart {

    private static final int LONGEST_ANSWER = 96;
    private static final int TOGETHER = 16;

    /** Held-out texts that answers are generated for; the likelihood is that of all. */
    private static final int ANSWERS = 64;

    private final Session session;
    private final Path files;
    private final Tokenizer tokenizer;
    private final List<Row> training;
    private final List<Row> heldOut;
    private final List<Task> tasks;

    /** A held-out text and the record it should become. */
    private record Task(String prompt, String completion) {}

    /**
     * How good a model is.
     *
     * @param nll per token of the held-out records
     * @param exact share of held-out texts that became exactly the right record
     * @param sample what became of the first text
     */
    private record Score(double nll, double exact, String sample) {}

    /**
     * Reads the data.
     *
     * @param files a checkpoint folder with tokenizer, {@code train.jsonl} and {@code held_out.jsonl}
     * @throws IOException if something cannot be read
     */
    Quickstart(Session session, Path files, Tokenizer tokenizer, int vocabularySize) throws IOException {
        this.session = session;
        this.files = files;
        this.tokenizer = tokenizer;
        EncodingOptions options = EncodingOptions.of(vocabularySize).withTokenizer(tokenizer);
        this.training = rows("train.jsonl", options);
        this.heldOut = rows("held_out.jsonl", options);
        this.tasks = tasks();
    }

    private List<Row> rows(String name, EncodingOptions options) throws IOException {
        return Dataset.read(List.of(files.resolve(name)), options).rows();
    }

    private List<Task> tasks() throws IOException {
        List<Task> all = RowReader.read(
                RowSources.of(List.of(files.resolve("held_out.jsonl")), RowSources.Options.DEFAULT),
                row -> new Task(row.text("prompt"), row.text("completion")));
        return all.subList(0, Math.min(ANSWERS, all.size()));
    }

    /**
     * Fine-tunes with a method.
     *
     * @param part what is trained
     * @param output the folder for the adapter and the picture
     * @return what came of it
     */
    Fields run(TrainedPart part, TrainingConfig settings, Path output) throws IOException {
        long start = System.nanoTime();
        Console console = session.console();
        try (Model<LanguageHead> model = Loading.model(
                console,
                new ModelLocation("quickstart", files),
                LoadOptions.on(Device.cpu()).withPrecision(Precision.FLOAT32),
                LanguageHead.class)) {
            Score before = score(model);
            FineTuner tuner = BadInput.when(
                            () -> TrainedPart.tuner(model, part.attach(model, settings.seed()), settings))
                    .stopWhen(session.interruption()::requested)
                    .listener(Reports.lossCurve(output.resolve("loss.png")));
            if (console.terminal()) {
                tuner.listener(Reports.progress(console.err(), console.width()));
            } else {
                tuner.listener(new SparseProgress(console));
            }
            TrainingResult result = tuner.train(training);
            session.interruption().check();
            Score after = score(model);
            tuner.save(output);
            double seconds = (System.nanoTime() - start) / 1e9;
            return Fields.of("method", part.method())
                    .and("nll_before", before.nll)
                    .and("nll_after", after.nll)
                    .and("exact_before", before.exact)
                    .and("exact_after", after.exact)
                    .and("trainable_parameters", result.trainableParameters())
                    .and("all_parameters", result.allParameters())
                    .and("seconds", seconds)
                    .and("output", output.toString())
                    .and("sample", tasks.get(0).prompt.strip())
                    .and("sample_before", before.sample.strip())
                    .and("sample_after", after.sample.strip());
        }
    }

    private Score score(Model<LanguageHead> model) throws IOException {
        double nll = new Evaluation(heldOut).run(model).loss();
        GenerationConfig config = GenerationConfig.builder(files)
                .greedy(true)
                .maxNewTokens(LONGEST_ANSWER)
                .build();
        Continuations continuations = new Continuations(new Generator(model, config), session.interruption());
        List<String> answers = new ArrayList<>();
        for (int from = 0; from < tasks.size(); from += TOGETHER) {
            List<int[]> prompts = tasks.subList(from, Math.min(tasks.size(), from + TOGETHER)).stream()
                    .map(task -> tokenizer.encode(task.prompt))
                    .toList();
            for (Generator.Generated made : continuations.of(prompts, (prompt, id) -> {})) {
                answers.add(tokenizer.decode(made.ids(), true));
            }
        }
        long exact = 0;
        for (int i = 0; i < answers.size(); i++) {
            exact += answers.get(i).strip().equals(tasks.get(i).completion.strip()) ? 1 : 0;
        }
        return new Score(nll, (double) exact / answers.size(), answers.get(0));
    }
}
