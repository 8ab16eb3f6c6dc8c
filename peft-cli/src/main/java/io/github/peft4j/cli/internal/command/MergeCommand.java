package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.hub.internal.ModelLocation;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes a base model with an adapter merged into it as an ordinary checkpoint. */
@Command(
        name = "merge",
        description =
                "Writes a model with an adapter merged into its weights as an ordinary checkpoint, with config and tokenizer.",
        customSynopsis = "peft4j merge --model MODEL --adapter DIR --output DIR [options]",
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  peft4j merge --model ./smollm2 --adapter my-adapter --output merged",
            "",
            "The checkpoint's numbers have the format of --dtype, its own if that is not given. In 16 bits the merged weights"
                    + " are rounded, and a text can change where two words are almost equally likely; --dtype float32"
                    + " keeps them exact.",
            "",
            "JSON: output, max_abs_change (the largest change of any weight), max_rounding (the largest difference of"
                    + " any weight from its exact value), tensors (those written)."
        })
public final class MergeCommand extends Subcommand {

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final Folders folders = sections.add("Adapter and output", new Folders());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());

    /** Where from and where to. */
    static final class Folders {
        @Option(
                names = "--adapter",
                paramLabel = "DIR|ID",
                description = "An adapter folder as Hugging Face PEFT saves it, or an adapter on a hub.")
        @Nullable
        String adapter;

        @Option(names = "--output", paramLabel = "DIR", description = "A new folder for the merged checkpoint.")
        @Nullable
        Path output;
    }

    @Override
    public int run(Session session) throws IOException {
        var neededAdapter = new Given.Needed<>(folders.adapter, "--adapter", "an adapter folder");
        var neededOutput = new Given.Needed<>(folders.output, "--output", "a new folder for the checkpoint");
        Given.all(model.needed(), neededAdapter, neededOutput);
        ModelLocation location = model.location(session.hub());
        Path adapter = Loading.adapterFolder(neededAdapter.required(), "--adapter", session.hub());
        Console console = session.console();
        Task task = tasks.read(location, adapter);
        try (OutputFolder output = OutputFolder.fresh(neededOutput.required(), "");
                Interruption.Guard guard = session.interruption().guard();
                Model<?> base = compute.loadAsStored(console, location, task)) {
            PeftModel<?> peft = Loading.adapter(console, base, adapter);
            session.interruption().check();
            WeightChange change = write(peft, output);
            session.print(Fields.of("output", output.path().toString())
                    .and("max_abs_change", change.largest())
                    .and("max_rounding", change.rounding())
                    .and("tensors", tensors(output)));
        }
        return ExitCode.DONE;
    }

    /** An adapter of a kind that cannot become part of the weights is the user's mistake. */
    private static WeightChange write(PeftModel<?> peft, OutputFolder output) throws IOException {
        if (peft.adapter().mergeable().isEmpty()) {
            throw new BadInput("an adapter of type " + peft.adapter().config().peftType()
                    + " cannot be merged into the weights: use it with --adapter");
        }
        output.make();
        return peft.saveMerged(output.path());
    }

    /** How many tensors were written. */
    private static int tensors(OutputFolder output) throws CheckpointException {
        try (Checkpoint written = Checkpoint.open(output.path())) {
            return written.names().size();
        }
    }
}
