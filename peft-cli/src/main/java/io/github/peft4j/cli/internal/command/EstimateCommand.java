package io.github.peft4j.cli.internal.command;

import ai.djl.Device;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.memory.FitOption;
import io.github.peft4j.cli.internal.memory.FitTable;
import io.github.peft4j.cli.internal.option.BatchSizeOption;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.GroupOptions;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.estimate.internal.Fit;
import io.github.peft4j.training.estimate.internal.MemoryCount;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import io.github.peft4j.training.estimate.internal.RowLengths;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how much memory a training run will need, and what fits, from the model's config alone. */
@Command(
        name = "estimate",
        description = "Says how much memory a training run needs, by part, and what fits, from config.json alone.",
        customSynopsis = "peft4j estimate --model MODEL [--method NAME] [--fit [SIZE]] [options]",
        sortOptions = false,
        footer = {
            "",
            "Rows have --max-length tokens, 512 if it is not given; with --data as many as the longest there.",
            "",
            "Examples:",
            "  peft4j estimate --model ./smollm2 --set r=16 --batch-size 4 --max-length 512",
            "  peft4j estimate --model ./smollm2 --data train.jsonl --batch-size 8 --fit 8GiB",
            "",
            "JSON: weights_mib, adapter_mib, optimizer_mib (gradients and both moments), activations_mib (with the"
                    + " largest of the passing results), runtime_mib (Java and libraries), total_mib; with --data rows, longest_row,"
                    + " mean_row; with --fit fits: room_mib, margin, batch_size, max_length, recommended (batch_size, max_length, options; null"
                    + " if nothing fits), ways (dtype, quantize, checkpointing, total_mib, longest_row, longest_row_of_batch, largest_batch each)."
        })
public final class EstimateCommand extends Subcommand {

    private static final int USUAL_LENGTH = 512;

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final MethodOptions method = sections.add("Method", new MethodOptions());
    private final GroupOptions groups = sections.add("Parameter groups", new GroupOptions());
    private final Batch batch = sections.add("Batch", new Batch());
    private final FitOption fit = sections.add("Memory", new FitOption());
    private final RowOptions rows = sections.add("Data", new RowOptions());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());

    /** What goes through the model at once. */
    static final class Batch {
        @Mixin
        BatchSizeOption size = new BatchSizeOption();

        @Option(names = "--checkpointing", description = "As for train.")
        boolean recompute;
    }

    @Override
    public int run(Session session) throws IOException {
        ModelLocation location = model.location(session.hub());
        Given.atLeast(1, batch.size.rows(), "--batch-size");
        rows.check();
        TrainedPart part = method.read(session.hub());
        ParameterGroups trained = BadInput.when(
                () -> groups.addTo(TrainingConfig.builder()).build().groups());
        Task task = tasks.read(location, part.saved().orElse(null));
        Device device = compute.device();
        Quantization quantization = compute.quantization(task.json());
        if (quantization != null && part.method().equals(TrainedPart.FULL)) {
            throw new BadInput("weights that are quantized cannot be trained: leave out --quantize " + quantization
                    + ", or train an adapter");
        }
        long room = fit.given() ? fit.room(device) : 0;
        Optional<RowLengths> lengths = lengths(session.console(), location, part, task);
        int length = lengths.map(RowLengths::longest).orElse(rows.maxLength(USUAL_LENGTH));
        MemoryEstimate.Run run = new MemoryEstimate.Run(batch.size.rows(), length, batch.recompute, quantization);
        MemoryEstimate.Run largest = lengths.map(of -> of.largest(run)).orElse(run);
        Precision precision = compute.precision(device);
        try (Interruption.Guard guard = session.interruption().guard()) {
            BadInput.when(() -> ModelOutline.count(task.json(), task.head(), precision, part, trained, count -> {
                Fields fields = fields(count.estimate(largest));
                lengths.ifPresent(of -> fields.and("rows", of.rows())
                        .and("longest_row", of.longest())
                        .and("mean_row", of.mean()));
                print(session, fields, fit.given() ? fit(count, room, run, part) : null);
                return fields;
            }));
        }
        return ExitCode.DONE;
    }

    private Optional<RowLengths> lengths(Console console, ModelLocation location, TrainedPart part, Task task)
            throws IOException {
        if (rows.files.isEmpty()) {
            return Optional.empty();
        }
        Vocabulary vocabulary = Vocabulary.of(location, part.saved().orElse(null), console);
        RowFeed feed = RowFeed.inTurn(rows.sources());
        try (TrainingDataOptions.Sets sets = new TrainingDataOptions().read(feed, rows, vocabulary, console, task)) {
            return Optional.of(BadInput.when(() -> RowLengths.of(sets.rows().rows())));
        }
    }

    private FitTable fit(MemoryCount count, long room, MemoryEstimate.Run run, TrainedPart part) {
        Set<Precision> precisions = new LinkedHashSet<>(List.of(count.precision()));
        precisions.addAll(List.of(Precision.FLOAT32, Precision.BFLOAT16));
        List<Fit.Format> formats = new ArrayList<>();
        precisions.forEach(each -> formats.add(new Fit.Format(each, run.quantization())));
        if (run.quantization() == null && !part.method().equals(TrainedPart.FULL)) {
            formats.add(new Fit.Format(count.precision(), Quantization.NF4));
        }
        return new FitTable(Fit.of(count, room, run.rows(), run.length(), formats), compute.named());
    }

    private static void print(Session session, Fields fields, @Nullable FitTable fit) {
        if (fit == null) {
            session.print(fields);
        } else if (session.json()) {
            session.print(fields.and("fits", fit.values()));
        } else {
            session.print(fields);
            session.console().out().print(fit.text());
        }
    }

    private static Fields fields(MemoryEstimate estimate) {
        return Fields.of("weights_mib", mib(estimate.weights()))
                .and("adapter_mib", mib(estimate.adapter()))
                .and("optimizer_mib", mib(estimate.optimizer()))
                .and("activations_mib", mib(estimate.activations()))
                .and("runtime_mib", mib(estimate.runtime()))
                .and("total_mib", mib(estimate.total()));
    }

    private static double mib(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
