package io.github.peft4j.cli.internal.search;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.option.GroupOptions;
import io.github.peft4j.cli.internal.option.MethodOptions;
import io.github.peft4j.cli.internal.option.RunOptions;
import io.github.peft4j.cli.internal.option.Sections;
import io.github.peft4j.cli.internal.option.SeedOption;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.internal.pattern.NearestNames;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.internal.TrainedPart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The options of train that a trial may have values of its own for, read as train reads them. */
final class TrialOptions {

    private static final String SET = "set";

    /** They say what is loaded before the first trial. */
    private static final Set<String> FIXED = Set.of("init-adapter", SET);

    private final Sections sections = new Sections();
    private final MethodOptions method = sections.add("Method", new MethodOptions());
    private final RunOptions run = sections.add("Training", new RunOptions());
    private final GroupOptions groups = sections.add("Parameter groups", new GroupOptions());
    private final SeedOption seed = sections.add("General", new SeedOption());

    private TrialOptions() {}

    private CommandLine line() {
        CommandSpec command = CommandSpec.create();
        sections.addTo(command);
        return new CommandLine(command);
    }

    private static List<OptionSpec> options() {
        return new TrialOptions().line().getCommandSpec().options();
    }

    /**
     * A trial that can be trained.
     *
     * @param part what of the model
     * @param config how
     */
    record Read(TrainedPart part, TrainingConfig config) {}

    /** The names of what can be searched over, besides settings of methods. */
    private static List<String> names() {
        return options().stream()
                .map(option -> option.longestName().substring(2))
                .filter(name -> !FIXED.contains(name))
                .toList();
    }

    /**
     * Checks the names of what is searched over.
     *
     * @param given what else was given on the command line
     * @throws BadInput if there is no such option, or it is given as well
     */
    static void check(Map<String, String> choices, ParseResult given) {
        List<String> known = names();
        for (String name : choices.keySet()) {
            if (!known.contains(name) && !name.startsWith(SET + ".")) {
                String hint = NearestNames.question(name, known);
                throw new BadInput("--over " + name + ": "
                        + (hint.isEmpty() ? "there is no such option to search over" : hint) + " Expected one of "
                        + String.join(", ", known) + ", or set.KEY for a setting of the method");
            }
            if (given.hasMatchedOption("--" + name)) {
                throw new BadInput("--" + name + " and --over " + name + " exclude each other: give one of them");
            }
        }
        for (String setting : arguments(given, Set.of("--" + SET))) {
            String key =
                    setting.substring(setting.indexOf('=') + 1).split("=", 2)[0].strip();
            if (choices.containsKey(SET + "." + key)) {
                throw new BadInput("--set " + key + " and --over set." + key + " exclude each other: give one of them");
            }
        }
    }

    /** Of what was given, the options that trials have too. */
    static List<String> common(ParseResult given) {
        return arguments(given, options().stream().map(OptionSpec::longestName).collect(Collectors.toSet()));
    }

    /** Of what was given, some options as they can be given again. */
    static List<String> arguments(ParseResult given, Set<String> names) {
        List<String> arguments = new ArrayList<>();
        for (OptionSpec option : given.matchedOptionsSet()) {
            if (names.contains(option.longestName())) {
                option.originalStringValues().forEach(value -> arguments.add(option.longestName() + "=" + value));
            }
        }
        return arguments;
    }

    /** A trial's settings as options. */
    static List<String> arguments(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(entry -> entry.getKey().startsWith(SET + ".")
                        ? "--" + SET + "=" + entry.getKey().substring(SET.length() + 1) + "=" + entry.getValue()
                        : "--" + entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /**
     * Reads a trial as train reads its command line.
     *
     * @param data how all trials take their rows
     * @param hub has adapters that are on none of the user's disks
     * @throws BadInput if a value is bad
     * @throws IOException if a config cannot be read
     */
    static Read read(List<String> common, Map<String, String> settings, TrainingDataOptions data, Hub hub)
            throws IOException {
        TrialOptions options = new TrialOptions();
        List<String> arguments = new ArrayList<>(common);
        arguments.addAll(arguments(settings));
        try {
            options.line().parseArgs(arguments.toArray(String[]::new));
            TrainedPart part = options.method.read(hub);
            if (part instanceof TrainedPart.OutputLayer) {
                throw new BadInput("the method probe solves for the head at once and takes no steps, so there is"
                        + " nothing to search over in its training: use train --method probe");
            }
            return new Read(
                    part,
                    BadInput.when(() -> data.addTo(options.groups.addTo(options.run.config(part.defaults())))
                            .seed(options.seed.seed)
                            .build()));
        } catch (BadInput | ParameterException e) {
            throw new BadInput("the trial " + settings + " cannot be trained: " + e.getMessage(), e);
        }
    }

    /**
     * What is left of a trial's settings if several methods are tried: a setting that the trial's method does not have means nothing there.
     *
     * @param methods that are tried
     * @throws BadInput if no method has a setting
     */
    static void checkSettings(Map<String, String> choices, List<String> methods) {
        Set<String> known = new LinkedHashSet<>();
        methods.forEach(method -> keys(method).ifPresent(known::addAll));
        for (String name : choices.keySet()) {
            String key = name.startsWith(SET + ".") ? name.substring(SET.length() + 1) : null;
            if (key != null && !known.contains(key)) {
                throw new BadInput("--over " + name + ": none of the methods " + String.join(", ", methods)
                        + " has the setting " + key + ". " + NearestNames.question(key, known));
            }
        }
    }

    /** Removes what the trial's method does not have. */
    static Map<String, String> applicable(Map<String, String> settings) {
        Map<String, String> kept = new LinkedHashMap<>(settings);
        keys(settings.getOrDefault("method", MethodOptions.USUAL))
                .ifPresent(keys -> kept.keySet()
                        .removeIf(name ->
                                name.startsWith(SET + ".") && !keys.contains(name.substring(SET.length() + 1))));
        return kept;
    }

    /** The settings of a method; nothing if there is no such method. */
    private static Optional<Set<String>> keys(String name) {
        if (name.equals(TrainedPart.FULL)) {
            return Optional.of(Set.of());
        }
        for (PeftMethod<?> method : PeftMethods.discovered().all()) {
            if (method.name().equals(name)) {
                return Optional.of(
                        method.schema().settings().stream().map(Setting::key).collect(Collectors.toSet()));
            }
        }
        return Optional.empty();
    }
}
