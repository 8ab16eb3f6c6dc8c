package io.github.peft4j.models.text.internal.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How long a regular expression can take, as the native matcher tries one way after the other, and ends the process after ten million tries at one place.
 *
 * <p>A row of parts is tried in bounded time at each place if nothing after an unbounded repetition can fail. If something can, as in
 * {@code a*b}, the whole run of what is repeated is read for nothing, possibly at each of its characters, so that the time grows with the square
 * of the text's length; such expressions get short texts only. Two of them in one row, or repetitions in each other, are refused.
 *
 * <p>Published expressions contain two forms that look like that and are not, since another choice then takes the whole run: the forms for blanks
 * at their end, and words that are lower case after upper case.
 */
final class PatternCost {

    /** The longest text for an expression whose time grows with the square. */
    private static final int LONGEST_SQUARE = 1 << 15;

    private static final double MOST_WAYS = 256;
    private static final double LARGEST = 20_000;

    /** Forms for blanks: each fails in a run of blanks at most a few times, since one of {@link #BLANKS_TAKEN} takes what is left of it. */
    private static final Pattern BLANKS = Pattern.compile(
            "\\\\s|\\\\s[*+]\\+?(\\$|\\(\\?!\\\\S\\)|\\[(\\\\r|\\\\n)+][*+?]?\\+?|(\\\\r\\??)?\\\\n[*+]?)?");

    /** Not with a repetition that gives nothing back: before a word it takes nothing at all. */
    private static final Pattern BLANKS_TAKEN = Pattern.compile("\\\\s\\+(\\(\\?!\\\\S\\))?|\\\\s\\+\\+");

    private PatternCost() {}

    /**
     * The cost of an expression.
     *
     * @throws IllegalArgumentException says why it is refused
     */
    static Cost of(String expression) {
        PatternNode node = PatternParser.parse(expression);
        if (node.size() > LARGEST) {
            throw new IllegalArgumentException("is too large");
        }
        List<PatternNode> choices = choices(node);
        double ways = 0;
        double square = 0;
        for (int i = 0; i < choices.size(); i++) {
            PatternNode choice = choices.get(i);
            int far = failuresAtDistance(choice);
            if (far > 1) {
                throw new IllegalArgumentException(
                        "has several unbounded repetitions that can fail one after the other");
            }
            ways += choice.ways();
            square += far == 1 && !isBlanks(choices, i) && !isWord(choices, i) ? choice.ways() : 0;
        }
        if (ways > MOST_WAYS) {
            throw new IllegalArgumentException("can match in too many ways at one place");
        }
        return new Cost(1, square > 0 ? (int) (LONGEST_SQUARE / Math.sqrt(square)) : Integer.MAX_VALUE);
    }

    private static List<PatternNode> choices(PatternNode node) {
        if (node instanceof PatternNode.Row row
                && row.nodes().size() == 1
                && (row.nodes().get(0) instanceof PatternNode.Row
                        || row.nodes().get(0) instanceof PatternNode.Either)) {
            return choices(row.nodes().get(0));
        }
        return node instanceof PatternNode.Either either ? either.nodes() : List.of(node);
    }

    /** How many unbounded repetitions have something behind them that can fail. */
    private static int failuresAtDistance(PatternNode node) {
        if (!node.unbounded()) {
            return 0;
        } else if (node instanceof PatternNode.Either either) {
            return either.nodes().stream()
                    .mapToInt(PatternCost::failuresAtDistance)
                    .max()
                    .orElse(0);
        } else if (node instanceof PatternNode.Repeat repeat) {
            boolean simple = repeat.body() instanceof PatternNode.One;
            if (repeat.to() == 1) {
                return failuresAtDistance(repeat.body());
            } else if (!simple
                    && (repeat.body().unbounded()
                            || (repeat.to() == PatternNode.Repeat.NO_BOUND
                                    && repeat.body().ways() > 1))) {
                throw new IllegalArgumentException("has repetitions in each other");
            } else if (!simple && repeat.body().least() == 0) {
                throw new IllegalArgumentException("repeats something that can be empty");
            }
            // A group may have begun once more when it fails.
            return simple ? 0 : 1;
        } else if (node instanceof PatternNode.Test) {
            return 1;
        }
        return inRow(((PatternNode.Row) node).nodes());
    }

    private static int inRow(List<PatternNode> parts) {
        int far = 0;
        boolean canFail = false;
        for (int i = parts.size() - 1; i >= 0; i--) {
            PatternNode part = parts.get(i);
            int within = failuresAtDistance(part);
            far += part.unbounded() && canFail ? Math.max(1, within) : within;
            canFail |= part.least() > 0 || part instanceof PatternNode.Test;
        }
        return far;
    }

    /** Whether a choice belongs to the forms for blanks at the end, of which one takes what the others leave. */
    private static boolean isBlanks(List<PatternNode> choices, int index) {
        boolean taken = false;
        for (int i = choices.size() - 1; i >= index; i--) {
            // Line ends may stand there as such.
            String source = choices.get(i).source().replace("\r", "\\r").replace("\n", "\\n");
            if (!BLANKS.matcher(source).matches()) {
                return false;
            }
            taken |= BLANKS_TAKEN.matcher(source).matches();
        }
        return taken;
    }

    /**
     * Whether a choice is the first of two as {@code B?X*Y+E|B?X+Y*E}: where the first fails after a run of X, the second takes the run.
     */
    private static boolean isWord(List<PatternNode> choices, int index) {
        return index + 1 < choices.size()
                && word(choices.get(index), "*", "+").stream()
                        .anyMatch(word(choices.get(index + 1), "+", "*")::contains);
    }

    private static List<List<String>> word(PatternNode choice, String first, String second) {
        if (!(choice instanceof PatternNode.Row row) || row.nodes().isEmpty()) {
            return List.of();
        }
        List<String> form = new ArrayList<>();
        int state = 0;
        for (PatternNode part : row.nodes()) {
            if (part instanceof PatternNode.Repeat repeat
                    && repeat.body() instanceof PatternNode.One
                    && repeat.to() == PatternNode.Repeat.NO_BOUND
                    && state < 2
                    && repeat.mark().equals(state == 0 ? first : second)) {
                state++;
                form.add(repeat.body().source());
            } else if (part.unbounded() || part.least() > 0 || (state == 1)) {
                return List.of();
            } else {
                form.add(part.source());
            }
        }
        return state == 2 ? List.of(form) : List.of();
    }
}
