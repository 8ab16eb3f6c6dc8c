package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Failure;
import io.github.peft4j.cli.internal.option.PromptOptions;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.file.Path;

/** What the command reads by itself, for the fuzzer. */
public final class FuzzedCommands {

    private FuzzedCommands() {}

    /** The command has refused what it was given, with exit code 2 and one line. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** Inspects a folder in both ways. */
    public static void inspect(Path folder) throws Refused {
        run("inspect", folder);
        run("inspect", folder, "--json");
    }

    /** Reads a file of prompts. */
    public static void prompts(Path file) throws Exception {
        PromptOptions options = new PromptOptions();
        options.file = file;
        try {
            options.read();
        } catch (Exception e) {
            if (Failure.code(e) != ExitCode.BAD_INPUT) {
                throw e;
            }
            throw new Refused(Printable.message(Failure.line(e)));
        }
    }

    private static void run(Object... arguments) throws Refused {
        CommandRun run = CommandRun.of(arguments);
        String all = run.out() + run.err();
        if (!Printable.text(all).equals(all)) {
            throw new AssertionError("steers the terminal: " + Printable.message(all));
        }
        if (run.code() == ExitCode.BAD_INPUT && run.err().lines().count() == 1) {
            throw new Refused(run.err().strip());
        }
        if (run.code() != ExitCode.DONE) {
            throw new AssertionError("exit code " + run.code() + ": " + all);
        }
    }
}
