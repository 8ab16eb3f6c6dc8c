package io.github.peft4j.cli.internal.option;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every command takes. */
public final class CommonOptions {

    /** {@link io.github.peft4j.cli.internal.console.Session#json}. */
    public static final String JSON = "--json";

    @Option(
            names = JSON,
            order = 1000,
            description = "Print one JSON object per line on standard output, and nothing else there.")
    boolean json;

    @Option(
            names = "--stacktrace",
            order = 1001,
            description = "On an error, also print where in the program it arose.")
    boolean stacktrace;

    @Mixin
    HelpOption help = new HelpOption();
}
