package io.github.peft4j.cli.command;

import io.github.peft4j.cli.console.Console;
import io.github.peft4j.cli.console.ExitCode;
import io.github.peft4j.cli.console.Fields;
import io.github.peft4j.cli.console.Interruption;
import io.github.peft4j.cli.console.Session;
import io.github.peft4j.cli.loading.Vocabulary;
import io.github.peft4j.cli.option.AdapterOption;
import io.github.peft4j.cli.option.CommonOptions;
import io.github.peft4j.cli.option.ComputeOptions;
import io.github.peft4j.cli.option.Given;
import io.github.peft4j.cli.option.ModelOptions;
import io.github.peft4j.cli.option.RowOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.hub.ModelLocation;
import io.github.peft4j.training.Evaluation;
import io.github.peft4j.training.EvaluationResult;
import io.github.peft4j.training.data.Dataset;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures how well a model predicts rows, with or without an adapter. */
@Command(
        name = "eval",
        description = "Measures the mean negative log-likelihood (NLL) per supervised token.",
        customSynopsis = "peft4j eval --model MODEL --data FILE [--adapter DIR] [options]",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j eval --model ./smollm2 --data held_out.jsonl",
            "  peft4j eval --model ./smollm2 --adapter my-adapter --data held_out.jsonl --json",
            "",
            "JSON: nll (in nats), perplexity, supervised_tokens, tokens, seconds."
        })
public final class EvalCommand implements Callable<Integer> {

    private final Session session;

    @Mixin(name = "Model")
    private ModelOptions model = new ModelOptions();

    @Mixin(name = "Adapter")
    private AdapterOption adapter = new AdapterOption();

    @Mixin(name = "Data")
    private RowOptions rows = new RowOptions();

    @Mixin(name = "Computing")
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    public EvalCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        Given.all(model.needed(), rows.needed("evaluate"));
        ModelLocation location = model.location();
        adapter.check();
        compute.check();
        rows.check();
        Console console = session.console();
        Vocabulary vocabulary = Vocabulary.of(location, adapter.folder, console);
        Dataset examples =
                rows.read(vocabulary, Map.of("data", rows.files), console).get(0);
        try (Interruption.Guard guard = session.interruption().guard();
                Model<LanguageHead> base = compute.load(console, location)) {
            adapter.load(console, base);
            RowOptions.requirePositions(examples, base, "--data");
            List<Row> labelled = examples.rows();
            RowOptions.requireSupervised(labelled, base, rows.files);
            Evaluation evaluation = new Evaluation(labelled);
            console.begin();
            EvaluationResult result = evaluation.run(base);
            common.print(console, fields(result));
        }
        return ExitCode.DONE;
    }

    private static Fields fields(EvaluationResult result) {
        if (!Double.isFinite(result.loss())) {
            throw new IllegalStateException("the negative log-likelihood is " + result.loss()
                    + ": the weights are damaged, or their numbers too large for this --dtype");
        }
        return Fields.of("nll", result.loss())
                .and("perplexity", result.perplexity())
                .and("supervised_tokens", result.items())
                .and("tokens", result.tokens())
                .and("seconds", result.seconds());
    }
}
