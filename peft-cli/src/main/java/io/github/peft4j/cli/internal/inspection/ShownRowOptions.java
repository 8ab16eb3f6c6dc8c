package io.github.peft4j.cli.internal.inspection;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which rows are shown, and how many are read. */
public final class ShownRowOptions {

    /** Rows that are read where not all are asked for. */
    private static final long BOUND = 10_000;

    @Option(names = "--rows", paramLabel = "N", description = "With --data: show the first N rows. Default: 3.")
    @Nullable
    Integer rows;

    @Option(
            names = "--row",
            paramLabel = "K",
            description = "With --data: show the row with this number alone, from 1.")
    @Nullable
    Long row;

    @Option(names = "--all", description = "With --data: count over all rows. Default: the first 10,000.")
    boolean all;

    /**
     * Checks the options.
     *
     * @param data whether there are rows
     * @throws BadInput if one is not valid, or has no effect
     */
    public void check(boolean data) {
        Given.needs(rows != null, "--rows", data, "--data");
        Given.needs(row != null, "--row", data, "--data");
        Given.needs(all, "--all", data, "--data");
        Given.atLeast(0, rows, "--rows");
        Given.atLeast(1, row, "--row");
        if (rows != null && row != null) {
            throw new BadInput("--rows and --row exclude each other: give one");
        }
    }

    /** Whether the row with a number, from 1, is shown. */
    boolean shows(long number) {
        return row != null ? number == row : number <= (rows == null ? 3 : rows);
    }

    /** Rows that are read. */
    long bound() {
        return all ? Long.MAX_VALUE : Math.max(BOUND, row == null ? 0 : row);
    }
}
