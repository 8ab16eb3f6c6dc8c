package io.github.peft4j.cli.internal.data;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.training.data.EncodingOptions.OddRows;
import io.github.peft4j.training.data.EncodingOptions.OddRows.Choice;
import io.github.peft4j.training.data.EncodingOptions.Truncation;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
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

    @Option(
            names = "--bad-rows",
            paramLabel = "WHAT",
            description =
                    "Rows that nothing can be learned from, since values are missing or of another kind, or nothing is"
                            + " supervised: refuse, or skip. Either way they are listed. Default: ${DEFAULT-VALUE}.")
    String bad = "refuse";

    @Option(
            names = "--blank-rows",
            paramLabel = "WHAT",
            description =
                    "Rows whose text, completion or output is empty or white space: keep (and list), skip, or refuse."
                            + " Default: ${DEFAULT-VALUE}.")
    String blank = "keep";

    @Option(
            names = "--doubled-rows",
            paramLabel = "WHAT",
            description = "Rows with the tokens and labels of a row before them: keep, skip, or refuse. Default:"
                    + " ${DEFAULT-VALUE}, without looking for them.")
    String doubled = "keep";

    @Option(names = "--numbers-as-text", description = "Take a number where a text is expected for its digits.")
    boolean numbersAsText;

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
        read();
    }

    /** The greatest length, or one that no row has. */
    public int maxLength(int unlimited) {
        return maxLength == null ? unlimited : maxLength;
    }

    /**
     * What the options say.
     *
     * @throws BadInput if there is no such way to cut, or nothing of the kind can be done with a row
     */
    public OddRows read() {
        return new OddRows(
                truncation(),
                choice("--bad-rows", bad, Choice.REFUSE, Choice.SKIP),
                choice("--blank-rows", blank, Choice.values()),
                choice("--doubled-rows", doubled, Choice.values()),
                numbersAsText);
    }

    private static Choice choice(String option, String given, Choice... choices) {
        List<String> names = Stream.of(choices)
                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                .toList();
        int found = names.indexOf(given);
        if (found < 0) {
            throw new BadInput(option + ": expected one of " + String.join(", ", names) + ", got " + given);
        }
        return choices[found];
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
