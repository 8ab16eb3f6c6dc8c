package io.github.peft4j.cli.internal.option;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many rows a model is trained on at once. */
public final class BatchSizeOption {

    private static final int USUAL = 4;

    @Option(names = "--batch-size", paramLabel = "N", description = "Rows of a micro-batch. Default: " + USUAL + ".")
    @Nullable
    Integer rows;

    /** What was given, or the usual number. */
    public int rows() {
        return rows == null ? USUAL : rows;
    }
}
