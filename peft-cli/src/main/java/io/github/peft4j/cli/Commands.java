package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.command.DoctorCommand;
import io.github.peft4j.cli.internal.command.EstimateCommand;
import io.github.peft4j.cli.internal.command.EvalCommand;
import io.github.peft4j.cli.internal.command.GenerateCommand;
import io.github.peft4j.cli.internal.command.InspectCommand;
import io.github.peft4j.cli.internal.command.MergeCommand;
import io.github.peft4j.cli.internal.command.PredictCommand;
import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.command.TrainCommand;
import io.github.peft4j.cli.internal.embedding.EmbedCommand;
import io.github.peft4j.cli.internal.hub.CacheCommand;
import io.github.peft4j.cli.internal.hub.DownloadCommand;
import io.github.peft4j.cli.internal.option.CommonOptions;
import io.github.peft4j.cli.internal.option.Sections;
import io.github.peft4j.cli.internal.push.PushCommand;
import io.github.peft4j.cli.internal.quickstart.QuickstartCommand;
import io.github.peft4j.cli.internal.search.SearchCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands by name. Each is made only when it is needed: reading all their options takes longer than some of them run. */
final class Commands {

    private static final Map<String, Supplier<Subcommand>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("quickstart", QuickstartCommand::new);
        BY_NAME.put("train", TrainCommand::new);
        BY_NAME.put("eval", EvalCommand::new);
        BY_NAME.put("search", SearchCommand::new);
        BY_NAME.put("predict", PredictCommand::new);
        BY_NAME.put("embed", EmbedCommand::new);
        BY_NAME.put("generate", GenerateCommand::new);
        BY_NAME.put("merge", MergeCommand::new);
        BY_NAME.put("estimate", EstimateCommand::new);
        BY_NAME.put("inspect", InspectCommand::new);
        BY_NAME.put("download", DownloadCommand::new);
        BY_NAME.put("push", PushCommand::new);
        BY_NAME.put("cache", CacheCommand::new);
        BY_NAME.put("doctor", DoctorCommand::new);
    }

    private Commands() {}

    /** Their names in the order of the help. */
    static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** A command with its options, nothing set yet. */
    static CommandLine create(String name) {
        Supplier<Subcommand> command = BY_NAME.get(name);
        if (command == null) {
            throw new IllegalArgumentException("no command " + name);
        }
        Subcommand made = command.get();
        Sections sections = made.sections();
        CommandLine line = new CommandLine(made);
        sections.addTo(line.getCommandSpec());
        line.getCommandSpec().addMixin("common", CommandSpec.forAnnotatedObject(new CommonOptions()));
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, new SectionedHelp(sections.headings()));
        return line;
    }
}
