package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.command.DoctorCommand;
import io.github.peft4j.cli.internal.command.EstimateCommand;
import io.github.peft4j.cli.internal.command.EvalCommand;
import io.github.peft4j.cli.internal.command.GenerateCommand;
import io.github.peft4j.cli.internal.command.InspectCommand;
import io.github.peft4j.cli.internal.command.MergeCommand;
import io.github.peft4j.cli.internal.command.PredictCommand;
import io.github.peft4j.cli.internal.command.TrainCommand;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.quickstart.QuickstartCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** The commands by name. Each is made only when it is needed: reading all their options takes longer than some of them run. */
final class Commands {

    private static final Map<String, Function<Session, Callable<Integer>>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("quickstart", QuickstartCommand::new);
        BY_NAME.put("train", TrainCommand::new);
        BY_NAME.put("eval", EvalCommand::new);
        BY_NAME.put("predict", PredictCommand::new);
        BY_NAME.put("generate", GenerateCommand::new);
        BY_NAME.put("merge", MergeCommand::new);
        BY_NAME.put("estimate", EstimateCommand::new);
        BY_NAME.put("inspect", InspectCommand::new);
        BY_NAME.put("doctor", DoctorCommand::new);
    }

    private Commands() {}

    /** Their names in the order of the help. */
    static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** A command, with nothing set yet. */
    static Callable<Integer> create(String name, Session session) {
        Function<Session, Callable<Integer>> command = BY_NAME.get(name);
        if (command == null) {
            throw new IllegalArgumentException("no command " + name);
        }
        return command.apply(session);
    }
}
