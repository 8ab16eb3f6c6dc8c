package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.option.BatchSizeOption;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.estimate.MemoryEstimate;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how much memory a training run will need, from the model's config alone. */
@Command(
        name = "estimate",
        description = "Says how much memory a training run needs, by part, from config.json alone.",
        customSynopsis = "peft4j estimate --model MODEL [--method NAME] [options]",
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  peft4j estimate --model ./smollm2 --set r=16 --batch-size 4 --max-length 512",
            "",
            "JSON: weights_mib, adapter_mib, optimizer_mib (gradients and both moments), activations_mib (with the"
                    + " largest of the passing results), runtime_mib (Java and libraries), total_mib."
        })
public final class EstimateCommand extends Subcommand {

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final MethodOptions method = sections.add("Method", new MethodOptions());
    private final Batch batch = sections.add("Batch", new Batch());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());

    /** What goes through the model at once. */
    static final class Batch {
        @Mixin
        BatchSizeOption size = new BatchSizeOption();

        @Option(
                names = "--max-length",
                paramLabel = "N",
                description = "Tokens of each row. Default: ${DEFAULT-VALUE}.")
        int length = 512;

        @Option(names = "--checkpointing", description = "As for train.")
        boolean recompute;
    }

    @Override
    public int run(Session session) throws IOException {
        ModelLocation location = model.location(session.hub());
        Given.atLeast(1, batch.size.rows(), "--batch-size");
        Given.atLeast(1, batch.length, "--max-length");
        TrainedPart part = method.read(session.hub());
        Task task = tasks.read(location, part.saved().orElse(null));
        ConfigJson json = task.json();
        Quantization asked = compute.quantization();
        Quantization quantization = asked == null ? Models.quantization(json) : asked;
        Precision precision = compute.precision(compute.device());
        MemoryEstimate.Run run = new MemoryEstimate.Run(batch.size.rows(), batch.length, batch.recompute, quantization);
        try (Interruption.Guard guard = session.interruption().guard()) {
            session.print(
                    fields(BadInput.when(() -> ModelOutline.estimate(task.json(), task.head(), precision, part, run))));
        }
        return ExitCode.DONE;
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
