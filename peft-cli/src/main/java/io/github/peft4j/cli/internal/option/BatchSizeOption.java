package io.github.peft4j.cli.internal.option;

import picocli.CommandLine.Option;

/** How many rows a model is trained on at once. */
public final class BatchSizeOption {

    @Option(names = "--batch-size", paramLabel = "N", description = "Rows of a micro-batch. Default: ${DEFAULT-VALUE}.")
    public int rows = 4;
}
