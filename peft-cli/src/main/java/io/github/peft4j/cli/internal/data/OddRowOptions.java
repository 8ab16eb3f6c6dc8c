package io.github.peft4j.cli.internal.data;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.training.data.EncodingOptions.OddRows;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of rows that are too long, or otherwise not as they should be. */
public final class OddRowOptions {

    /** With fewer, the first token of a window is predicted by none. */
    private static final int USUAL_OVERLAP = 1;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description =
                    "The most tokens of a row. Longer ones are left out, or cut as --truncate says, and counted. Default: no limit.")
    @Nullable
    Integer maxLength;

    @Option(
            names = "--truncate",
            paramLabel = "HOW",
            description =
                    "Cut rows of more than --max-length tokens: right (their end), left (their beginning), or windows, which"
                            + " splits them into rows that learn each token once. Default: leave them out.")
    @Nullable
    String truncate;

    @Option(
            names = "--window-overlap",
            paramLabel = "N",
            description =
                    "With --truncate windows: tokens that a window repeats of the one before, to predict what follows."
                            + " Default: " + USUAL_OVERLAP + ".")
    @Nullable
    Integer overlap;

    /**
     * Checks the options.
     *
     * @throws BadInput if one is not valid, or has no effect
     */
    public void check() {
        Given.atLeast(1, maxLength, "--max-length");
        Given.atLeast(0, overlap, "--window-overlap");
        Given.needs(truncate != null, "--truncate", maxLength != null, "--max-length");
        Given.needs(overlap != null, "--window-overlap", "windows".equals(truncate), "--truncate windows");
        truncation();
    }

    /** The greatest length, or one that no row has. */
    public int maxLength(int unlimited) {
        return maxLength == null ? unlimited : maxLength;
    }

    /**
     * What the options say.
     *
     * @throws BadInput if there is no such way to cut
     */
    public OddRows read() {
        return OddRows.DEFAULT.withTruncation(truncation());
    }

    private Truncation truncation() {
        if (truncate == null) {
            return Truncation.LEAVE_OUT;
        }
        return switch (truncate) {
            case "right" -> Truncation.RIGHT;
            case "left" -> Truncation.LEFT;
            case "windows" -> Truncation.windows(overlap != null ? overlap : Math.min(USUAL_OVERLAP, maxLength(2) - 1));
            default -> throw new BadInput("--truncate: expected right, left or windows, got " + truncate);
        };
    }
}
