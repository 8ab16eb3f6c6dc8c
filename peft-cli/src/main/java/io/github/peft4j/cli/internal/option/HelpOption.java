package io.github.peft4j.cli.internal.option;

import picocli.CommandLine.Option;

/** Help, on whatever it is asked for. */
public final class HelpOption {

    @Option(
            names = {"-h", "--help"},
            order = 1002,
            usageHelp = true,
            description = "Show this help.")
    boolean help;
}
