package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.training.evaluation.Evaluation;
import java.io.IOException;
import picocli.CommandLine.Command;

/** Measures how well a model predicts rows, with or without an adapter. */
@Command(
        name = "eval",
        description =
                "Measures the mean negative log-likelihood (NLL) per supervised token, how well rows are classified, or texts found.",
        customSynopsis = "peft4j eval --model MODEL --data FILE [--adapter DIR] [options]",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j eval --model ./smollm2 --data held_out.jsonl",
            "  peft4j eval --model ./smollm2 --adapter my-adapter --data held_out.jsonl --json",
            "",
            "JSON: nll (in nats), perplexity, supervised_tokens, tokens, seconds; of a classifier loss, metrics by"
                    + " scikit-learn's names (accuracy, f1_macro, matthews_corrcoef, roc_auc, ... or mse, pearsonr, ...; null"
                    + " where one is not defined, and why in undefined), confusion_matrix (a row for each right class, of up"
                    + " to 100), rows, seconds; of vectors of texts loss, accuracy@1, mrr@10, ndcg@10, map@100, recall@5, ..., rows, seconds."
        })
public final class EvalCommand extends Subcommand {

    private final RowsOnModel input = new RowsOnModel(sections);

    @Override
    public int run(Session session) throws IOException {
        Task task = input.check(session, "evaluate");
        Console console = session.console();
        input.use(session, task, true, (base, labelled) -> {
            RowOptions.requireSupervised(labelled, base, input.files());
            Evaluation evaluation = new Evaluation(labelled);
            console.begin();
            Evaluation.Result result = evaluation.run(base);
            session.print(task.judges() ? judged(result) : fields(result));
        });
        return ExitCode.DONE;
    }

    private static Evaluation.Result finite(Evaluation.Result result) {
        if (!Double.isFinite(result.loss())) {
            throw new IllegalStateException("the mean loss is " + result.loss()
                    + ": the weights are damaged, or their numbers too large for this --dtype");
        }
        return result;
    }

    private static Fields judged(Evaluation.Result result) {
        Fields fields = JudgedFields.of(Fields.of("loss", finite(result).loss()), "", result.found());
        if (!result.found().confusion().isEmpty()) {
            fields = fields.and("confusion_matrix", result.found().confusion());
        }
        return fields.and("rows", result.rows()).and("seconds", result.seconds());
    }

    private static Fields fields(Evaluation.Result result) {
        finite(result);
        return Fields.of("nll", result.loss())
                .and("perplexity", result.perplexity())
                .and("supervised_tokens", result.items())
                .and("tokens", result.tokens())
                .and("seconds", result.seconds());
    }
}
