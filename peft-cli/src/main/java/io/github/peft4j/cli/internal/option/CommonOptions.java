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

    /** {@link io.github.peft4j.cli.internal.console.Session#offline}. */
    public static final String OFFLINE = "--offline";

    @Option(
            names = OFFLINE,
            order = 1001,
            description = "Ask no hub: names mean what the local cache has. So does HF_HUB_OFFLINE=1.")
    boolean offline;

    @Option(
            names = "--stacktrace",
            order = 1002,
            description = "On an error, also print where in the program it arose.")
    boolean stacktrace;

    @Mixin
    HelpOption help = new HelpOption();
}
