package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.memory.MemoryAdvice;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.GroupOptions;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.cli.internal.option.OutputOptions;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.RunOptions;
import io.github.peft4j.cli.internal.option.SeedOption;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.cli.internal.streaming.StreamOptions;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.Probe;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.estimate.internal.MemoryCount;
import io.github.peft4j.training.estimate.internal.RowLengths;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** Fine-tunes a model. */
@Command(
        name = "train",
        description = "Fine-tunes a model with few trainable parameters, or all of them.",
        customSynopsis = "peft4j train --model MODEL --data FILE --output DIR [options]",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j train --model ./smollm2 --data train.jsonl --output my-adapter",
            "  peft4j train --model ./smollm2 --data train.jsonl --epochs 2 \\",
            "      --set r=16 --set lora_alpha=32 --set target_modules=q_proj,v_proj \\",
            "      --eval-data held_out.jsonl --eval-every 50 --report csv,plot \\",
            "      --save-every 50 --keep 2 --output my-adapter",
            "  peft4j train ... --output my-adapter --save-every 50 --resume",
            "  peft4j train ... --eval-data held_out.jsonl --eval-every 50 --best-metric f1_macro --early-stopping 3",
            "  peft4j train --model ./minilm --task embedding --data pairs.jsonl --batch-size 32 --output my-adapter",
            "",
            "JSON, one line per step: step, loss, grad_norm, learning_rate, tokens, supervised_tokens, seconds; per"
                    + " evaluation: step, eval_nll, or eval_loss and metrics; at the end: done, steps, tokens_per_s, data_share"
                    + " (of the time, waiting for rows), peak_rss_mib,"
                    + " trainable_parameters, all_parameters, warnings (vanished_gradient, diverged; none if all is well),"
                    + " with --best-metric or --early-stopping best_metric, best_value and best_step, output."
        })
public final class TrainCommand extends Subcommand {

    private static final String STREAMING = "Mixing and streaming";

    private static final Set<String> HEADINGS_OF_STEPS = Set.of("Training", STREAMING, "Parameter groups");

    /** Options under other headings that mean nothing where there are no steps. */
    private static final List<String> OF_STEPS = List.of(
            "--eval-every",
            "--best-metric",
            "--early-stopping",
            "--early-stopping-threshold",
            "--no-shuffle",
            "--class-weights",
            "--no-packing",
            "--save-every",
            "--keep",
            "--resume",
            "--report");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final MethodOptions method = sections.add("Method", new MethodOptions());
    private final NewTokenOptions tokens = sections.add("New tokens", new NewTokenOptions());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());
    private final ClassWeightOption weights = sections.add("Class weights", new ClassWeightOption());
    private final RowOptions rows = sections.add("Data", new RowOptions());
    private final TrainingDataOptions data = sections.add("Passes and evaluation", new TrainingDataOptions());
    private final StreamOptions stream = sections.add(STREAMING, new StreamOptions());
    private final RunOptions run = sections.add("Training", new RunOptions());
    private final GroupOptions groups = sections.add("Parameter groups", new GroupOptions());
    private final OutputOptions output = sections.add("Output", new OutputOptions());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());
    private final SeedOption seed = sections.add("General", new SeedOption());

    @Override
    public int run(Session session) throws IOException {
        Given.all(model.needed(), rows.needed("train"), output.needed());
        try (OutputFolder folder = output.folder()) {
            return train(session, folder);
        }
    }

    private int train(Session session, OutputFolder folder) throws IOException {
        TrainedPart part = method.read(session.hub());
        tokens.check(part);
        if (part instanceof TrainedPart.OutputLayer) {
            requireNoSteps();
        }
        TrainingConfig settings = settings(part);
        compute.check();
        rows.check();
        data.find(rows, session.hub());
        ModelLocation location = model.location(session.hub());
        Console console = session.console();
        Task asked = tasks.read(location, part.saved().orElse(null));
        data.check(asked);
        stream.check();
        Vocabulary vocabulary = Vocabulary.of(location, part.saved().orElse(null), console);
        try (NewTokenOptions.Added added = tokens.addTo(vocabulary, console);
                TrainingDataOptions.Sets sets = stream.read(rows, data, added.vocabulary(), console, asked, settings)) {
            return train(session, folder, location, part, settings, added, sets);
        }
    }

    private int train(
            Session session,
            OutputFolder folder,
            ModelLocation location,
            TrainedPart part,
            TrainingConfig settings,
            NewTokenOptions.Added added,
            TrainingDataOptions.Sets sets)
            throws IOException {
        Console console = session.console();
        Optional<Objective> weighted = weights.objective(sets.task(), sets, console);
        try (Interruption.Guard guard = session.interruption().guard();
                Model<?> base = compute.load(console, location, sets.task())) {
            TrainingSession training = new TrainingSession(session, settings.bestMetric());
            List<Row> heldOut;
            TrainingResult result;
            if (part instanceof TrainedPart.OutputLayer layer) {
                Probe probe = BadInput.when(() -> layer.on(base));
                heldOut = data.check(sets, rows, base);
                result = training.run(probe, sets.rows().rows(), folder);
            } else {
                Optional<PeftModel<?>> peft = BadInput.when(() -> added.attach(part, base, settings.seed()));
                FineTuner tuner = BadInput.when(() -> TrainedPart.tuner(base, peft, settings));
                weighted.ifPresent(tuner::objective);
                heldOut = data.check(sets, rows, base);
                if (heldOut != null && settings.evaluateEvery() > 0) {
                    tuner.evaluateOn(heldOut);
                }
                BatchSource batches = data.source(sets, settings);
                MemoryAdvice memory = advice(base, peft.orElse(null), settings, sets);
                memory.warning().ifPresent(console::note);
                List<Row> evaluated = heldOut;
                result = memory.advising(() -> training.run(tuner, batches, folder, output, base, evaluated));
            }
            if (result.outcome() == TrainingResult.Outcome.INTERRUPTED) {
                return session.interruption().exitCode();
            }
            if (settings.bestMetric() != null && result.best() == null) {
                console.note("warning: " + settings.bestMetric() + " was not defined in any evaluation: "
                        + folder.path() + " has the weights of the last step");
            }
            training.evaluate(base, heldOut, result);
            session.print(fields(result, settings, folder));
        }
        return ExitCode.DONE;
    }

    private MemoryAdvice advice(
            Model<?> base, @Nullable PeftModel<?> peft, TrainingConfig settings, TrainingDataOptions.Sets sets)
            throws CheckpointException {
        MemoryEstimate.Run run = new MemoryEstimate.Run(
                settings.batchSize(),
                1,
                settings.recompute(),
                compute.quantization(sets.task().json()));
        RowLengths lengths = RowLengths.of(sets.rows().rows());
        return new MemoryAdvice(
                MemoryCount.of(base, peft),
                settings.batchTokens() > 0 ? lengths.filling(run, settings.batchTokens()) : lengths.largest(run),
                new MemoryAdvice.Settings(
                        base.scope().device(), peft != null, settings.accumulation(), settings.batchTokens()));
    }

    /** What is solved for at once has no use for what says how to take steps. */
    private void requireNoSteps() {
        List<OptionSpec> ofSteps = new ArrayList<>();
        spec.mixins().forEach((heading, options) -> {
            if (HEADINGS_OF_STEPS.contains(heading)) {
                ofSteps.addAll(options.options());
            }
        });
        for (String name : OF_STEPS) {
            ofSteps.add(spec.findOption(name));
        }
        List<String> given = ofSteps.stream()
                .filter(option -> spec.commandLine().getParseResult().hasMatchedOption(option))
                .map(OptionSpec::longestName)
                .toList();
        if (!given.isEmpty()) {
            throw new BadInput("--method probe solves for the head at once and takes no steps: leave out "
                    + String.join(", ", given));
        }
    }

    private TrainingConfig settings(TrainedPart part) {
        return BadInput.when(() -> data.addTo(groups.addTo(run.config(part.defaults())))
                .seed(seed.seed)
                .saveEvery(output.saveEvery)
                .keep(output.keep)
                .build());
    }

    private static String text(TrainingResult.Warning warning) {
        return warning.kind().name().toLowerCase(Locale.ROOT);
    }

    private static Fields fields(TrainingResult result, TrainingConfig settings, OutputFolder folder) {
        Fields fields = Fields.of("done", true)
                .and("steps", result.steps())
                .and("tokens_per_s", result.tokensPerSecond())
                .and("data_share", result.dataShare())
                .and("peak_rss_mib", result.peakRssMib())
                .and("trainable_parameters", result.trainableParameters())
                .and("all_parameters", result.allParameters())
                .and(
                        "warnings",
                        result.warnings().stream().map(TrainCommand::text).toList());
        if (settings.bestMetric() != null) {
            TrainingResult.Best best = result.best();
            fields.and("best_metric", settings.bestMetric())
                    .and("best_value", best == null ? null : best.value())
                    .and("best_step", best == null ? null : best.step());
        }
        return fields.and("output", folder.path().toString());
    }
}
