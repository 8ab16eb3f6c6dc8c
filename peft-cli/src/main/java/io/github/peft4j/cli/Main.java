package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ConsoleLogging;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Failure;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.ResultStream;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.option.CommonOptions;
import io.github.peft4j.cli.internal.option.HelpOption;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code peft4j}. Exit codes: 0 done, 2 bad input or usage, 130 after Ctrl-C, 1 anything else. */
@Command(
        name = "peft4j",
        description = "Fine-tunes transformer checkpoints with few trainable parameters.",
        versionProvider = Version.class,
        synopsisHeading = "Usage: ",
        customSynopsis = "peft4j COMMAND [options]",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "peft4j COMMAND --help tells a command's options. To begin with: peft4j quickstart",
            "",
            "Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 2 bad input"
                    + " or usage, 130 after Ctrl-C, 1 anything else."
        })
public final class Main {

    @Mixin
    @SuppressWarnings("unused")
    private HelpOption help = new HelpOption();

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    @SuppressWarnings("unused")
    private boolean version;

    @Option(names = "--stacktrace", hidden = true)
    @SuppressWarnings("unused")
    private boolean stacktrace;

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        ResultStream results = new ResultStream(new FileOutputStream(FileDescriptor.out));
        Console console = Console.ofProcess(results);
        int code = run(new Session(console, Interruption.ofProcess()), arguments);
        if (code == ExitCode.DONE && results.failure() != null && !results.readerWentAway()) {
            console.err()
                    .println("error: standard output cannot be written: "
                            + results.failure().getMessage());
            code = ExitCode.FAILED;
        }
        System.exit(code);
    }

    /** Runs the command and returns its exit code. */
    static int run(Session session, String... given) {
        String[] arguments = helpAsOption(given);
        Console console = session.console();
        ConsoleLogging.to(console);
        CommandLine root = new CommandLine(new Main());
        boolean known = arguments.length > 0 && Commands.names().contains(arguments[0]);
        if (arguments.length > 0 && !known && !arguments[0].startsWith("-")) {
            // Otherwise its options, --help among them, would be taken for those of no command.
            arguments = new String[] {arguments[0]};
        }
        for (String name : known ? List.of(arguments[0]) : Commands.names()) {
            root.addSubcommand(name, Commands.create(name));
        }
        boolean stacktrace = List.of(arguments).contains("--stacktrace");
        root.setOut(new java.io.PrintWriter(console.out(), true, java.nio.charset.StandardCharsets.UTF_8));
        root.setColorScheme(CommandLine.Help.defaultColorScheme(console.terminal() ? Ansi.AUTO : Ansi.OFF));
        root.setUsageHelpWidth(Math.max(80, Math.min(120, console.width())));
        root.setExecutionStrategy(parsed -> run(session, parsed));
        root.setParameterExceptionHandler(
                (e, all) -> fail(console, e, "error: " + UsageErrors.message(e), stacktrace, ExitCode.BAD_INPUT));
        // Once a command is to stop, whatever breaks off is no error.
        root.setExecutionExceptionHandler((e, command, parsed) -> session.interruption()
                        .requested()
                ? session.interruption().exitCode()
                : fail(
                        console,
                        e,
                        Failure.line(e, command.getCommandSpec().optionsMap().keySet()),
                        stacktrace,
                        Failure.code(e)));
        int code = execute(root, console, stacktrace, arguments);
        if (code == ExitCode.DONE) {
            console.begin();
        }
        return session.interruption().requested() ? session.interruption().exitCode() : code;
    }

    /** Shows the help or the version if one was asked for, and runs the command if not. */
    private static int run(Session session, ParseResult parsed) {
        Integer shown = CommandLine.executeHelpRequest(parsed);
        if (shown != null) {
            return shown;
        }
        ParseResult given = parsed.subcommand();
        if (given == null) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(),
                    "a command is needed: one of " + String.join(", ", Commands.names()));
        }
        try {
            return ((Subcommand) given.commandSpec().userObject())
                    .run(session.withJson(given.matchedOptionValue(CommonOptions.JSON, false))
                            .withOffline(given.matchedOptionValue(CommonOptions.OFFLINE, false)));
        } catch (Exception e) {
            throw new ExecutionException(given.commandSpec().commandLine(), "failed", e);
        }
    }

    /** {@code help train} for {@code train --help}. */
    private static String[] helpAsOption(String... given) {
        if (given.length == 0 || !given[0].equals("help")) {
            return given;
        }
        return given.length == 1 ? new String[] {"--help"} : new String[] {given[1], "--help"};
    }

    /** Errors of the machine, such as a full heap, are not given to picocli's handlers. */
    private static int execute(CommandLine root, Console console, boolean stacktrace, String... arguments) {
        try {
            return root.execute(arguments);
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            return fail(console, e, Failure.line(e), stacktrace, ExitCode.FAILED);
        }
    }

    private static int fail(Console console, Throwable e, String line, boolean stacktrace, int code) {
        console.out().flush();
        if (code == ExitCode.BAD_INPUT) {
            console.forget();
        } else {
            console.begin();
        }
        console.error(line);
        if (stacktrace) {
            console.trace(e);
        }
        return code;
    }
}
