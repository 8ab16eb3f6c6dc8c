package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import picocli.CommandLine.Option;

/** What every command takes. */
public final class CommonOptions {

    @Option(
            names = "--json",
            order = 1000,
            description = "Print one JSON object per line on standard output, and nothing else there.")
    public boolean json;

    @Option(
            names = "--stacktrace",
            order = 1001,
            description = "On an error, also print where in the program it arose.")
    boolean stacktrace;

    @Option(
            names = {"-h", "--help"},
            order = 1002,
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    /** Prints a result that stands alone. */
    public void print(Console console, Fields fields) {
        if (json) {
            console.out().println(fields.json());
        } else {
            console.out().print(fields.lines());
        }
        console.out().flush();
    }
}
