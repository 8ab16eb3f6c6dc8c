package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayList;
import java.util.List;

/** Reads the part of Oniguruma's regular expressions of which it is known what they cost; the rest is refused by name. */
final class PatternParser {

    private static final int DEEPEST = 16;
    private static final int MOST_TIMES = 1000;

    private final String text;
    private int at;

    private PatternParser(String text) {
        this.text = text;
    }

    /**
     * Reads an expression.
     *
     * @throws IllegalArgumentException says what is not supported
     */
    static PatternNode parse(String text) {
        PatternParser parser = new PatternParser(text);
        PatternNode node = parser.choices(0);
        if (parser.at < text.length()) {
            throw new IllegalArgumentException("has a ) too many");
        }
        return node;
    }

    private boolean more() {
        return at < text.length();
    }

    private boolean take(String expected) {
        if (text.startsWith(expected, at)) {
            at += expected.length();
            return true;
        }
        return false;
    }

    private PatternNode choices(int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("has more than " + DEEPEST + " groups in each other");
        }
        List<PatternNode> choices = new ArrayList<>();
        do {
            choices.add(row(depth));
        } while (take("|"));
        return choices.size() == 1 ? choices.get(0) : new PatternNode.Either(choices);
    }

    private PatternNode row(int depth) {
        int start = at;
        List<PatternNode> parts = new ArrayList<>();
        while (more() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            parts.add(repeated(atom(depth)));
        }
        return new PatternNode.Row(parts, text.substring(start, at));
    }

    private PatternNode atom(int depth) {
        int start = at;
        char c = text.charAt(at);
        if (c == '(') {
            return group(depth);
        } else if (c == '[') {
            characterClass(0);
        } else if (c == '\\') {
            return escape();
        } else if (c == '^' || c == '$') {
            at++;
            return new PatternNode.Test(text.substring(start, at), 1, false, 1);
        } else if (c == '*' || c == '+' || c == '?') {
            throw new IllegalArgumentException("repeats nothing at character " + at);
        } else {
            at += Character.charCount(text.codePointAt(at));
        }
        return new PatternNode.One(text.substring(start, at));
    }

    private PatternNode group(int depth) {
        int start = at;
        if (take("(?=") || take("(?!") || take("(?<=") || take("(?<!")) {
            boolean behind = text.charAt(start + 2) == '<';
            PatternNode body = choices(depth + 1);
            close();
            if (behind && body.unbounded()) {
                throw new IllegalArgumentException("looks behind without bound");
            }
            return new PatternNode.Test(text.substring(start, at), body.ways(), body.unbounded(), body.size());
        }
        if (!take("(?:") && !take("(?i:") && !take("(?>")) {
            if (text.startsWith("(?", at) || text.startsWith("(*", at)) {
                throw new IllegalArgumentException(
                        "has the group " + Printable.quoted(text.substring(at, Math.min(at + 4, text.length())))
                                + ", which is not supported");
            }
            at++;
        }
        PatternNode body = choices(depth + 1);
        close();
        return new PatternNode.Row(List.of(body), text.substring(start, at));
    }

    private void close() {
        if (!take(")")) {
            throw new IllegalArgumentException("lacks a )");
        }
    }

    private PatternNode escape() {
        int start = at;
        at++;
        if (!more()) {
            throw new IllegalArgumentException("ends with \\");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        if (c == 'p' || c == 'P') {
            property();
        } else if (c == 'x' || c == 'u') {
            code(c == 'u' ? 4 : 2);
        } else if ("AzZbB".indexOf(c) >= 0) {
            return new PatternNode.Test(text.substring(start, at), 1, false, 1);
        } else if (c < 128 && Character.isLetterOrDigit(c) && "dDwWsShHntrfvae".indexOf(c) < 0) {
            throw new IllegalArgumentException("has " + text.substring(start, at) + ", which is not supported");
        }
        return new PatternNode.One(text.substring(start, at));
    }

    private void property() {
        int end = take("{") ? text.indexOf('}', at) : -1;
        if (end < 0 || !text.substring(at, end).matches("\\^?[A-Za-z0-9_ -]{1,40}")) {
            throw new IllegalArgumentException("has a \\p without {name}");
        }
        at = end + 1;
    }

    private void code(int digits) {
        int start = at;
        if (take("{")) {
            int end = text.indexOf('}', at);
            at = end < 0 ? text.length() : end;
            if (!text.substring(start + 1, at).matches("[0-9A-Fa-f]{1,6}") || !take("}")) {
                throw new IllegalArgumentException("has a code that is none at character " + start);
            }
            return;
        }
        while (more() && at - start < digits && Character.digit(text.charAt(at), 16) >= 0) {
            at++;
        }
        if (at - start != digits) {
            throw new IllegalArgumentException("has a code that is none at character " + start);
        }
    }

    private void characterClass(int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("has more than " + DEEPEST + " [ in each other");
        }
        at++;
        take("^");
        take("]"); // as a character
        while (more() && text.charAt(at) != ']') {
            if (text.startsWith("[:", at) && text.indexOf(":]", at) > 0) {
                at = text.indexOf(":]", at) + 2;
            } else if (text.charAt(at) == '[') {
                characterClass(depth + 1);
            } else if (text.charAt(at) == '\\') {
                escape();
            } else {
                at += Character.charCount(text.codePointAt(at));
            }
        }
        if (!take("]")) {
            throw new IllegalArgumentException("lacks a ]");
        }
    }

    private PatternNode repeated(PatternNode body) {
        int start = at;
        int from = 0;
        int to = PatternNode.Repeat.NO_BOUND;
        boolean counted = false;
        if (take("?")) {
            to = 1;
        } else if (take("+")) {
            from = 1;
        } else if (!take("*")) {
            int[] times = times();
            if (times.length == 0) {
                return body;
            }
            counted = true;
            from = times[0];
            to = times[1];
        }
        if (!take("?") && !counted) {
            take("+");
        }
        if (more() && ("*+?".indexOf(text.charAt(at)) >= 0 || times().length > 0)) {
            throw new IllegalArgumentException("repeats something repeated at character " + at);
        }
        if (body instanceof PatternNode.Test) {
            throw new IllegalArgumentException("repeats something that takes no character at character " + start);
        }
        return new PatternNode.Repeat(body, from, to, text.substring(start, at));
    }

    /** The bounds in braces; empty if there are none, in which case a brace is a character. */
    private int[] times() {
        var matcher = java.util.regex.Pattern.compile("\\{(\\d{0,6})(,?)(\\d{0,6})}")
                .matcher(text)
                .region(at, text.length());
        if (!matcher.lookingAt() || (matcher.group(1) + matcher.group(3)).isEmpty()) {
            return new int[0];
        }
        at = matcher.end();
        int from = matcher.group(1).isEmpty() ? 0 : Integer.parseInt(matcher.group(1));
        int to = matcher.group(2).isEmpty() ? from : PatternNode.Repeat.NO_BOUND;
        if (!matcher.group(3).isEmpty()) {
            to = Integer.parseInt(matcher.group(3));
        }
        if (from > MOST_TIMES || (to > MOST_TIMES && to != PatternNode.Repeat.NO_BOUND) || to < from) {
            throw new IllegalArgumentException("repeats something " + matcher.group() + " times, expected at most "
                    + MOST_TIMES + ", the smaller number first");
        }
        return new int[] {from, to};
    }
}
