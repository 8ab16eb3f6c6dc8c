package io.github.peft4j.cli.internal.quickstart;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.cli.internal.option.SeedOption;
import io.github.peft4j.cli.internal.option.Threads;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fine-tunes the checkpoint that is in the jar. */
@Command(
        name = "quickstart",
        description =
                "Fine-tunes a small checkpoint that comes with peft4j, in less than a minute: no download, no data to find.",
        customSynopsis = "peft4j quickstart [--method NAME | --all] [options]",
        sortOptions = false,
        footer = {
            "",
            "The task: free text in, a strict JSON record out. The score: the negative log-likelihood of the"
                    + " right records of held-out texts, and the share of texts that become exactly the right record.",
            "",
            "Examples:",
            "  peft4j quickstart",
            "  peft4j quickstart --method ia3",
            "  peft4j quickstart --all --json",
            "",
            "JSON, one line per method: method, nll_before, nll_after, exact_before, exact_after,"
                    + " trainable_parameters, all_parameters, seconds, output, and a sample before and after."
        })
public final class QuickstartCommand extends Subcommand {

    private static final int BATCH_SIZE = 16;

    private static final long WARMUP = 10;

    @Option(names = "--method", paramLabel = "NAME", description = "As for train. Default: lora.")
    private @Nullable String method;

    @Option(names = "--all", description = "Every method, one after the other.")
    private boolean all;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description =
                    "A new folder for the adapters and pictures, one folder per method. Default: peft4j-quickstart here,"
                            + " where earlier results are replaced.")
    private @Nullable Path output;

    private final Threads compute = sections.add("Computing", new Threads());
    private final SeedOption seed = sections.add("General", new SeedOption());

    @Override
    public int run(Session session) throws IOException {
        if (all && method != null) {
            throw new BadInput("--all and --method " + method + " exclude each other: give one of them");
        }
        // On a model this small threads wait for each other longer than they compute.
        compute.checkOr(1);
        List<TrainedPart> parts = new ArrayList<>();
        for (String name :
                all ? MethodOptions.trials() : List.of(Objects.requireNonNullElse(method, MethodOptions.USUAL))) {
            parts.add(MethodOptions.trial(name));
        }
        try (OutputFolder folder = output == null
                        ? OutputFolder.toResume(Path.of("peft4j-quickstart"))
                        : OutputFolder.fresh(output, "");
                Interruption.Guard guard = session.interruption().guard();
                QuickstartFiles files = QuickstartFiles.unpack();
                Tokenizer tokenizer = Tokenizer.open(files.folder())) {
            int vocabulary = Models.sizes(Models.config(files.folder())).vocabSize();
            Quickstart quickstart = new Quickstart(session, files.folder(), tokenizer, vocabulary);
            folder.make();
            session.console().begin();
            for (TrainedPart part : parts) {
                show(
                        session,
                        quickstart.run(
                                part,
                                settings(part.defaults().trial()),
                                folder.path().resolve(part.method())));
            }
        }
        return ExitCode.DONE;
    }

    private TrainingConfig settings(PeftMethod.Defaults.Trial trial) {
        return TrainingConfig.builder()
                .steps(trial.steps())
                .learningRate(trial.learningRate())
                .batchSize(BATCH_SIZE)
                .schedule(Schedule.COSINE)
                .warmup(WARMUP)
                .seed(seed.seed)
                .build();
    }

    private static void show(Session session, Fields result) {
        session.print(result);
        if (!session.json()) {
            session.console().out().println();
        }
    }
}
