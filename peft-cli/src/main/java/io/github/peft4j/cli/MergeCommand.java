package io.github.peft4j.cli;

import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.PretrainedFolder;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "JSON: output, max_abs_change (the largest change of any weight), tensors (those written),",
            "changed_tensors."
        })
final class MergeCommand implements Callable<Integer> {

    private final Session session;

    @ArgGroup(validate = false, exclusive = false, heading = "%nModel:%n")
    private ModelOptions model = new ModelOptions();

    @ArgGroup(validate = false, exclusive = false, heading = "%nAdapter and output:%n")
    private Folders folders = new Folders();

    @ArgGroup(validate = false, exclusive = false, heading = "%nComputing:%n")
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    /** Where from and where to. */
    static final class Folders {
        @Option(
                names = "--adapter",
                paramLabel = "DIR",
                description = "An adapter folder as Hugging Face PEFT saves it.")
        @Nullable
        Path adapter;

        @Option(names = "--output", paramLabel = "DIR", description = "A new folder for the merged checkpoint.")
        @Nullable
        Path output;
    }

    MergeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        ModelLocation location = model.location();
        Path adapter = Given.required(folders.adapter, "--adapter", "an adapter folder");
        Loading.requireFolder(adapter, "--adapter");
        OutputFolder output =
                OutputFolder.fresh(Given.required(folders.output, "--output", "a new folder for the checkpoint"), "");
        Console console = session.console();
        try (Interruption.Guard guard = session.interruption().guard();
                CausalLm base = Loading.model(console, location, compute.device(console), compute.named())) {
            BaseModules modules = BaseModules.of(base);
            PeftModel peft = Loading.adapter(console, base, adapter);
            session.interruption().check();
            double change = BadInput.when(peft::merge);
            session.interruption().check();
            console.begin();
            Map<String, Weight> weights = weights(modules);
            PretrainedFolder.write(weights, base.precision(), location.folder(), output.path());
            common.print(
                    console,
                    Fields.of("output", output.path().toString())
                            .and("max_abs_change", change)
                            .and("tensors", weights.size()));
        }
        return ExitCode.DONE;
    }

    /** The weights in use now, by the paths of the base model's own modules; one that is used twice under its first path. */
    private static Map<String, Weight> weights(BaseModules modules) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        modules.byPath()
                .forEach((path, module) -> module.ownWeights().forEach((name, weight) -> {
                    if (seen.add(weight)) {
                        weights.put(path.isEmpty() ? name : path + "." + name, weight);
                    }
                }));
        return weights;
    }
}
