package io.github.peft4j.cli;

import io.github.peft4j.core.AttachContext;
import picocli.CommandLine.Option;

/** Where randomness begins. */
final class SeedOption {

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of everything random; equal seeds give equal numbers on one machine with equal --threads."
                    + " Default: ${DEFAULT-VALUE}.")
    long seed = AttachContext.DEFAULT_SEED;
}
