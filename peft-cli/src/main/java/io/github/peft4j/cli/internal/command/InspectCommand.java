package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.inspection.DataInspection;
import io.github.peft4j.cli.internal.inspection.ShownRowOptions;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.Architecture;
import io.github.peft4j.models.pretrained.internal.ModelSize;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.estimate.internal.ModelOutline;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a checkpoint or adapter folder holds, from its config and the headers of its weight files alone. */
@Command(
        name = "inspect",
        customSynopsis = {
            "peft4j inspect DIR [options]",
            "       peft4j inspect DIR --text TEXT [options]",
            "       peft4j inspect --model MODEL --data FILE [options]"
        },
        description =
                "Says what a checkpoint or adapter folder holds, without loading weights; what tokens its tokenizer makes of a"
                        + " text; or what it would learn of rows.",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j inspect my-adapter --json",
            "  peft4j inspect my-model --text \"Hello world\"",
            "  peft4j inspect my-model --data train.jsonl --max-length 512 --truncate right --rows 5",
            "  peft4j inspect ./smollm2 --parameters",
            "  peft4j inspect ./smollm2 --parameters --method lora --set target_modules=q_proj,v_proj",
            "",
            "JSON, of a checkpoint: kind, model_type, parameters, dtype, bytes (of its tensors), tensors; of an"
                    + " adapter: kind, peft_type, parameters, tensors, dtype, bytes, base_model; of a text, per token: id,"
                    + " piece, special, start, end (in characters); of rows, per row that is shown: source, line, kind, tokens, learned,"
                    + " input_ids, labels (or label, or texts), text; or left_out; then done, read, rows, tokens, learned, lengths"
                    + " (from, to, rows), odd, warnings and counts. With --parameters, before it one line per parameter:"
                    + " name, shape, dtype, parameters and, with a method, trainable."
        })
public final class InspectCommand extends Subcommand {

    private static final String HEAD = "lm_head.weight";

    @Parameters(paramLabel = "DIR", arity = "0..1", description = "The folder, or a hub id.")
    private @Nullable String folder;

    @Option(names = "--model", paramLabel = "DIR", description = "The folder, in place of DIR.")
    private @Nullable String model;

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description = "Show the tokens of this text, with the special tokens that are put around it.")
    private @Nullable String text;

    @Option(
            names = "--parameters",
            description = "List the parameters by name. With a method, those of the model that it would be trained as,"
                    + " and which of them are trained.")
    private boolean parameters;

    private final RowOptions rows = sections.add("Data", new RowOptions());
    private final ShownRowOptions shown = sections.add("Shown rows", new ShownRowOptions());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());
    private final MethodOptions method = sections.add("Method", new MethodOptions());

    @Override
    public int run(Session session) throws IOException {
        if (folder != null && model != null) {
            throw new BadInput("DIR and --model name the same thing: give one of them");
        }
        String given = folder == null ? model : folder;
        String named = new Given.Needed<>(given, "DIR", "a checkpoint or adapter folder").required();
        ModelLocation location = ModelLocation.of(named, session.hub());
        Path found = location.folder();
        shown.check(!rows.files.isEmpty());
        if (!rows.files.isEmpty()) {
            data(session, location);
            return ExitCode.DONE;
        }
        if (text != null) {
            new TokenTable(session).print(found, text);
            return ExitCode.DONE;
        }
        boolean adapter = Files.exists(found.resolve(AdapterStore.CONFIG));
        if (!adapter && !Files.exists(found.resolve("config.json"))) {
            throw new BadInput(named + " holds neither a checkpoint nor an adapter: expected config.json or "
                    + AdapterStore.CONFIG);
        }
        Given.needs(method.given(), "a method", parameters, "--parameters");
        if (adapter && method.given()) {
            throw new BadInput(named + " holds an adapter: a method goes with a checkpoint, leave it out");
        }
        Fields fields = adapter ? adapter(found) : checkpoint(found);
        if (parameters) {
            list(session, found, adapter);
        }
        session.print(fields);
        return ExitCode.DONE;
    }

    /** Says what is learned of rows: in colours where people look at them. */
    private void data(Session session, ModelLocation location) throws IOException {
        if (text != null || parameters) {
            throw new BadInput("--data, --text and --parameters exclude each other: give one");
        }
        rows.check();
        Console console = session.console();
        Task task = new TrainingDataOptions().named(rows, console, tasks.read(location, null));
        Vocabulary vocabulary = Vocabulary.of(location, null, console);
        boolean colours = console.terminal() && System.console() != null && System.getenv("NO_COLOR") == null;
        try (ModelText tools = ModelText.in(vocabulary.folder(), vocabulary.model())) {
            EncodingOptions options =
                    rows.encoding(vocabulary, task.labels(true)).withText(tools);
            new DataInspection(session, shown, vocabulary.model(), options, colours).run(rows.sources());
        }
    }

    private void list(Session session, Path folder, boolean adapter) throws IOException {
        if (method.given()) {
            TrainedPart part = method.read(session.hub());
            ConfigJson json = Models.config(folder);
            try (ModelOutline outline = BadInput.when(() -> ModelOutline.of(json, Head.class, null))) {
                Optional<PeftModel<?>> peft = BadInput.when(() -> part.attach(outline.model(), 0));
                print(session, ParameterList.of(outline.model(), peft.orElse(null)));
            }
            return;
        }
        try (Checkpoint weights = Checkpoint.open(adapter ? AdapterStore.weights(folder) : folder)) {
            print(session, ParameterList.of(weights));
        }
    }

    private static void print(Session session, ParameterList list) {
        session.console().out().print(session.json() ? list.json() : list.table() + System.lineSeparator());
    }

    private static Fields checkpoint(Path folder) throws CheckpointException {
        ConfigJson json = ConfigJson.read(folder);
        String type = Models.modelType(json);
        ModelSize.requirePlausible(json);
        try (Checkpoint weights = Checkpoint.open(folder)) {
            Contents contents = Contents.of(weights, counted(json, weights.names()));
            return Fields.of("kind", "checkpoint")
                    .and("model_type", type)
                    .and("parameters", contents.parameters())
                    .and("dtype", contents.dtype())
                    .and("bytes", contents.bytes())
                    .and("tensors", contents.tensors());
        }
    }

    /** Which tensors are parameters: not masks and tables, nor a second copy of a tied head. */
    private static Predicate<String> counted(ConfigJson json, Collection<String> names) {
        try {
            Architecture<?> architecture = Architecture.of(json, Head.class);
            Predicate<String> unused = architecture.unusedTensors().asMatchPredicate();
            boolean tied = architecture.config().tied();
            Predicate<String> inDoubt = name -> unused.test(name) && !(name.equals(HEAD) && !tied);
            if (names.stream().noneMatch(inDoubt)) {
                return name -> true;
            }
            // Takes the engine, which most checkpoints can do without.
            try (ModelOutline outline = ModelOutline.of(json, Head.class, null)) {
                Set<String> ofHead = ofHead(outline.model().weightsByPath(), unused, names);
                return name -> !inDoubt.test(name) || ofHead.contains(name);
            }
        } catch (CheckpointException | IllegalArgumentException e) {
            // An architecture that is not known here can still be described.
            return name -> true;
        }
    }

    /** Those that may be for another head and are for the model's own, but for copies of what stands under another name. */
    private static Set<String> ofHead(
            Map<String, Weight> weights, Predicate<String> another, Collection<String> names) {
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        weights.forEach((path, weight) -> {
            if (names.contains(path) && !another.test(path)) {
                seen.add(weight);
            }
        });
        Set<String> found = new HashSet<>();
        weights.forEach((path, weight) -> {
            if (names.contains(path) && another.test(path) && seen.add(weight)) {
                found.add(path);
            }
        });
        return found;
    }

    private static Fields adapter(Path folder) throws CheckpointException {
        ConfigValues config = AdapterStore.values(UntrustedFolder.file(folder, AdapterStore.CONFIG));
        String type = config.constantNameOrNull("peft_type");
        if (type == null) {
            throw new BadInput(folder.resolve(AdapterStore.CONFIG) + " lacks peft_type");
        }
        try (Checkpoint weights = Checkpoint.open(AdapterStore.weights(folder))) {
            Contents contents = Contents.of(weights, name -> true);
            return Fields.of("kind", "adapter")
                    .and("peft_type", type)
                    .and("parameters", contents.parameters())
                    .and("tensors", contents.tensors())
                    .and("dtype", contents.dtype())
                    .and("bytes", contents.bytes())
                    .and("base_model", config.textOrNull("base_model_name_or_path"));
        }
    }
}
