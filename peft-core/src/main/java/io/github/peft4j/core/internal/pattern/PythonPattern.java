package io.github.peft4j.core.internal.pattern;

import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression in the syntax of Python's {@code re}, which configs are written in, with a bound on the work of a match: a config
 * comes with a downloaded adapter, and a few characters of a backtracking expression can keep a machine busy for years.
 *
 * <p>What Python and Java write differently is translated; what Java cannot express is refused. Immutable.
 */
public final class PythonPattern {

    /** Longest expression: enough to list every module of a large model by name. */
    static final int MAX_LENGTH = 1 << 18;

    private final String text;
    private final Pattern pattern;
    /** From a group's name to the one it has in the translated expression. */
    private final Map<String, String> groups;

    private PythonPattern(String text, Pattern pattern, Map<String, String> groups) {
        this.text = text;
        this.pattern = pattern;
        this.groups = groups;
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException if it is not valid in Python, or uses what Java has no counterpart for; the message says where
     */
    public static PythonPattern compile(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a regular expression of " + text.length()
                    + " characters is too long: expected at most " + MAX_LENGTH);
        }
        PythonSyntax syntax = new PythonSyntax(text);
        String translated = syntax.translate();
        try {
            // Python's dot and dollar know one line end; its \w, \d and \s are Unicode's.
            Pattern pattern = Pattern.compile(translated, Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
            return new PythonPattern(text, pattern, syntax.groupNames());
        } catch (PatternSyntaxException e) {
            throw ExpressionCursor.invalid(text, e.getDescription());
        } catch (StackOverflowError e) {
            throw ExpressionCursor.invalid(text, "it nests too deeply");
        }
    }

    /** The expression as it was written. */
    public String text() {
        return text;
    }

    /**
     * Whether all of the input matches, as {@code re.fullmatch}.
     *
     * @throws IllegalArgumentException if that takes more steps than an honest expression needs
     */
    public boolean matchesAll(CharSequence input) {
        return matchesAll(input, new Steps());
    }

    public boolean matchesAll(CharSequence input, Steps steps) {
        return run(pattern.matcher(steps.counting(input)), Matcher::matches, input);
    }

    /** Whether the input begins with a match, as {@code re.match}. */
    public boolean matchesStart(CharSequence input, Steps steps) {
        return run(pattern.matcher(steps.counting(input)), Matcher::lookingAt, input);
    }

    /** What a named group holds when the input begins with a match; null if it does not, or the group took no part. */
    public @Nullable String groupAtStart(CharSequence input, String group, Steps steps) {
        Matcher matcher = pattern.matcher(steps.counting(input));
        return run(matcher, Matcher::lookingAt, input) ? matcher.group(groups.get(group)) : null;
    }

    private boolean run(Matcher matcher, Predicate<Matcher> match, CharSequence input) {
        try {
            return match.test(matcher);
        } catch (Steps.Exhausted | StackOverflowError e) {
            throw new IllegalArgumentException(
                    "the regular expression " + ExpressionCursor.shown(text) + " takes too long on \"" + input
                            + "\": write it without repetitions inside repetitions",
                    e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PythonPattern that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
