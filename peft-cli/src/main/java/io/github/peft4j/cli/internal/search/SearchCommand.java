package io.github.peft4j.cli.internal.search;

import io.github.peft4j.cli.internal.command.ClassWeightOption;
import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.GroupOptions;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.OutputFolder;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.RunOptions;
import io.github.peft4j.cli.internal.option.SeedOption;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import io.github.peft4j.training.search.internal.Search;
import io.github.peft4j.training.search.internal.SearchSpace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Tries settings of a training. */
@Command(
        name = "search",
        description = "Tries settings of a training and keeps the best: a grid, random trials, successive halving.",
        customSynopsis = "peft4j search --over NAME=VALUES --output DIR [options of train]",
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j search --model ./smollm2 --data train.jsonl --eval-data held_out.jsonl --steps 200 \\",
            "      --over learning-rate=1e-4,3e-4,1e-3 --over set.r=4,16 --output search",
            "  peft4j search ... --over method=lora,ia3 --over learning-rate=1e-5:1e-2:log \\",
            "      --over set.r=4:64:log --trials 27 --halving 3 --output search",
            "  peft4j search ... --output search --resume",
            "",
            "JSON, one line per trial: trial, settings, metric, value (null if it failed), seconds, share of the"
                    + " training, problem; at the end: done, best, train (the line that trains the best again), output."
        })
public final class SearchCommand extends Subcommand {

    /** Options of this command that train does not have. */
    private static final Set<String> OWN =
            Set.of("--over", "--trials", "--halving", "--metric", "--output", "--resume", "--json");

    /** Options of train about evaluations on the way, of which a trial has none. */
    private static final List<String> ON_THE_WAY =
            List.of("--eval-every", "--best-metric", "--early-stopping", "--early-stopping-threshold");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final SearchOptions search = sections.add("Search", new SearchOptions());
    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final MethodOptions method = sections.add("Method", new MethodOptions());
    private final TaskOptions tasks = sections.add("Task", new TaskOptions());
    private final ClassWeightOption weights = sections.add("Class weights", new ClassWeightOption());
    private final RowOptions rows = sections.add("Data", new RowOptions());
    private final TrainingDataOptions data = sections.add("Passes and evaluation", new TrainingDataOptions());
    private final ComputeOptions compute;
    private final SeedOption seed;

    /** Takes the options of train too. */
    public SearchCommand() {
        // Only told of here; TrialOptions reads them for each trial.
        sections.add("Training", new RunOptions());
        sections.add("Parameter groups", new GroupOptions());
        compute = sections.add("Computing", new ComputeOptions());
        seed = sections.add("General", new SeedOption());
    }

    @Override
    public int run(Session session) throws IOException {
        Given.all(
                model.needed(),
                rows.needed("train"),
                new Given.Needed<>(data.evalData, "--eval-data", "held-out rows by which trials are compared"),
                search.neededOver(),
                search.neededOutput());
        requireNothingOnTheWay();
        try (OutputFolder folder = search.folder()) {
            return search(session, folder);
        }
    }

    private void requireNothingOnTheWay() {
        ParseResult given = spec.commandLine().getParseResult();
        List<String> refused =
                ON_THE_WAY.stream().filter(given::hasMatchedOption).toList();
        if (!refused.isEmpty()) {
            throw new BadInput(String.join(", ", refused)
                    + ": trials are evaluated at their end, and where halving compares them; --metric says by what");
        }
    }

    private int search(Session session, OutputFolder folder) throws IOException {
        ParseResult given = spec.commandLine().getParseResult();
        Map<String, String> choices = search.choices();
        TrialOptions.check(choices, given);
        Search found = search.search(space(choices), seed.seed);
        compute.check();
        rows.check();
        data.find(rows, session.hub());
        List<String> fixed = TrialOptions.common(given);
        Map<Map<String, String>, TrialOptions.Read> trials = new LinkedHashMap<>();
        for (Map<String, String> settings : found.trials()) {
            trials.put(settings, TrialOptions.read(fixed, settings, data, session.hub()));
        }
        ModelLocation location = model.location(session.hub());
        var initial = method.read(session.hub()).saved().orElse(null);
        Task task = tasks.read(location, initial);
        Console console = session.console();
        data.check(task);
        Vocabulary vocabulary = Vocabulary.of(location, initial, console);
        TrainingDataOptions.Sets sets = data.read(RowFeed.inTurn(rows.sources()), rows, vocabulary, console, task);
        Optional<Objective> weighted = weights.objective(sets.task(), sets, console);
        SearchPrinter printer = new SearchPrinter(session, search.metric);
        try (Interruption.Guard guard = session.interruption().guard();
                Trials trainer = new Trials(
                        session,
                        trials,
                        () -> compute.load(console, location, sets.task()),
                        data,
                        sets,
                        weighted.orElse(null))) {
            trainer.check(rows);
            found.metric(search.metric, trainer.lessIsBetter(search.metric));
            folder.make();
            printer.begin();
            Search.Outcome outcome = found.listener(printer::tried)
                    .again(settings -> again(given, settings))
                    .run(folder.path(), trainer.plan(fixed), trainer);
            printer.done(
                    outcome,
                    folder.path().toString(),
                    outcome.best().map(best -> again(given, best.settings())).orElse(""));
            if (outcome.best().isEmpty()) {
                throw new IllegalStateException("no trial could be trained wholly; the first: "
                        + outcome.all().get(0).problem());
            }
        } catch (InterruptedIOException e) {
            console.note(e.getMessage() + "; --resume goes on from there");
            return session.interruption().exitCode();
        } catch (IllegalArgumentException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
        return ExitCode.DONE;
    }

    private SearchSpace space(Map<String, String> choices) {
        SearchSpace space = SearchSpace.EMPTY;
        for (Map.Entry<String, String> choice : choices.entrySet()) {
            SearchSpace before = space;
            space = BadInput.when(() -> before.over(choice.getKey(), choice.getValue()));
        }
        if (choices.containsKey("method")) {
            TrialOptions.checkSettings(choices, space.values("method"));
            return space.keeping(TrialOptions::applicable);
        }
        return space;
    }

    private static String again(ParseResult given, Map<String, String> settings) {
        Set<String> others = given.matchedOptionsSet().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !OWN.contains(name))
                .collect(Collectors.toSet());
        List<String> words = new ArrayList<>(List.of("peft4j", "train"));
        words.addAll(TrialOptions.arguments(given, others));
        words.addAll(TrialOptions.arguments(settings));
        words.add("--output=DIR");
        return SearchPrinter.quoted(words);
    }
}
