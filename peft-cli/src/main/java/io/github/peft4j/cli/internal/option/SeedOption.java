package io.github.peft4j.cli.internal.option;

import io.github.peft4j.core.method.AttachContext;
import picocli.CommandLine.Option;

/** Where randomness begins. */
public final class SeedOption {

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of everything random; equal seeds give equal numbers on one machine with equal --threads."
                    + " Default: ${DEFAULT-VALUE}.")
    public long seed = AttachContext.DEFAULT_SEED;
}
