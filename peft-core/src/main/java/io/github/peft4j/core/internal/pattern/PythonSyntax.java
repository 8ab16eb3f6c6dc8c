package io.github.peft4j.core.internal.pattern;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Translates a regular expression from Python's syntax to Java's; one use. */
public final class PythonSyntax {

    private static final int MAX_DEPTH = 200;

    private static final int MOST_SHOWN = 200;

    /** What stands before the position, as far as a repetition asks. */
    private enum Last {
        NOTHING,
        ITEM,
        REPETITION
    }

    private final String in;
    private int at;
    private final StringBuilder out = new StringBuilder();
    private final Map<String, String> names = new HashMap<>();
    private int groups;
    private Last last = Last.NOTHING;
    private int depth;

    /** Begins to read an expression. */
    public PythonSyntax(String expression) {
        this.in = expression;
    }

    /** What to throw if an expression is not valid. */
    public static IllegalArgumentException invalid(String text, String problem) {
        return new IllegalArgumentException(shown(text) + " is no valid regular expression of Python: " + problem);
    }

    /** A text that may be long, between quotation marks. */
    public static String shown(String text) {
        return '"' + (text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...") + '"';
    }

    private IllegalArgumentException bad(String problem) {
        return invalid(in, problem + " at position " + at);
    }

    private IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException("the regular expression " + shown(in) + " uses " + what
                + ", which this version does not support (position " + at + ")");
    }

    /**
     * The expression in Java's syntax.
     *
     * @throws IllegalArgumentException if it is not valid in Python, or has no counterpart in Java
     */
    public String translate() {
        while (at < in.length()) {
            char c = in.charAt(at);
            switch (c) {
                case '\\' -> escape(false);
                case '[' -> characterClass();
                case '(' -> open();
                case ')' -> close();
                case '{' -> braces();
                case '*', '+', '?' -> repeat(Character.toString(c), 1);
                default -> {
                    // A repetition can follow neither a place nor nothing.
                    last = "^$|".indexOf(c) >= 0 ? Last.NOTHING : Last.ITEM;
                    out.append(c);
                    at++;
                }
            }
        }
        if (depth > 0) {
            throw bad("missing ), unterminated subpattern");
        }
        return out.toString();
    }

    /** Names of groups, each with the one it has in the translation: Java has no names with underscores. */
    public Map<String, String> groupNames() {
        return Map.copyOf(names);
    }

    private boolean next(String text) {
        return in.startsWith(text, at);
    }

    private void copy(String text) {
        out.append(text);
        at += text.length();
    }

    // ---- groups

    private void open() {
        if (next("(?#")) {
            int end = in.indexOf(')', at);
            if (end < 0) {
                throw bad("missing ), unterminated comment");
            }
            at = end + 1;
            return;
        }
        if (next("(?P=")) {
            out.append("(?:\\k<").append(known(name(at + 4, ')'))).append(">)");
            last = Last.ITEM;
            return;
        }
        last = Last.NOTHING;
        if (next("(?") && !next("(?P<") && isFlag(at + 2)) {
            flags();
            return;
        }
        if (++depth > MAX_DEPTH) {
            throw bad("more than " + MAX_DEPTH + " groups inside each other");
        }
        if (next("(?P<")) {
            String name = name(at + 4, '>');
            String group = "g" + ++groups;
            if (names.putIfAbsent(name, group) != null) {
                throw bad("redefinition of group name '" + name + "'");
            }
            out.append("(?<").append(group).append('>');
        } else if (next("(?(")) {
            throw unsupported("a condition on a group, (?(...)");
        } else if (next("(?")) {
            plainExtension();
        } else {
            groups++;
            copy("(");
        }
    }

    private void plainExtension() {
        for (String known : new String[] {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"}) {
            if (next(known)) {
                copy(known);
                return;
            }
        }
        throw bad("unknown extension " + in.substring(at + 1, Math.min(at + 4, in.length()))
                + "; a named group is (?P<name>...)");
    }

    /** Reads a name up to its terminator and goes on behind that. */
    private String name(int from, char terminator) {
        int end = in.indexOf(terminator, from);
        String name = end < 0 ? "" : in.substring(from, end);
        boolean identifier = !name.isEmpty()
                && Character.isUnicodeIdentifierStart(name.replace('_', 'a').charAt(0))
                && name.chars().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
        if (!identifier) {
            throw bad("bad group name '" + name + "'");
        }
        at = end + 1;
        return name;
    }

    private String known(String name) {
        @Nullable String group = names.get(name);
        if (group == null) {
            throw bad("unknown group name '" + name + "'");
        }
        return group;
    }

    private boolean isFlag(int index) {
        return index < in.length() && "aiLmsux-".indexOf(in.charAt(index)) >= 0;
    }

    private void flags() {
        int end = at + 2;
        while (isFlag(end)) {
            end++;
        }
        String letters = in.substring(at + 2, end);
        char terminator = end < in.length() ? in.charAt(end) : 0;
        if (terminator != ')' && terminator != ':') {
            throw bad("bad inline flags " + letters);
        }
        if (terminator == ')' && (at > 0 || letters.indexOf('-') >= 0)) {
            throw bad("global flags not at the start of the expression");
        }
        for (char refused : new char[] {'a', 'L', 'x'}) {
            if (letters.indexOf(refused) >= 0) {
                throw unsupported("the flag " + refused);
            }
        }
        // Java's u means that i knows all letters, as it always does in Python, where u says nothing new.
        out.append("(?").append(letters.replace("u", "").replace("i", "iu")).append(terminator);
        at = end + 1;
        if (terminator == ':') {
            depth++;
        }
    }

    private void close() {
        if (--depth < 0) {
            throw bad("unbalanced parenthesis");
        }
        copy(")");
        last = Last.ITEM;
    }

    // ---- repetitions

    /** {@code {3}}, {@code {3,}}, {@code {,3}} and {@code {3,5}} repeat; any other brace stands for itself. */
    private void braces() {
        int end = in.indexOf('}', at);
        String inside = end < 0 ? "" : in.substring(at + 1, end);
        int comma = inside.indexOf(',');
        String low = comma < 0 ? inside : inside.substring(0, comma);
        String high = comma < 0 ? inside : inside.substring(comma + 1);
        if (end < 0 || inside.isEmpty() || !isNumber(low) || !isNumber(high)) {
            out.append("\\{");
            at++;
            last = Last.ITEM;
            return;
        }
        repeat("{" + (low.isEmpty() ? "0" : low) + (comma < 0 ? "" : "," + high) + "}", end + 1 - at);
    }

    /** Repeats the last item; a {@code ?} or {@code +} behind says whether as seldom as possible or without going back. */
    private void repeat(String translated, int length) {
        if (last != Last.ITEM) {
            throw bad(last == Last.NOTHING ? "nothing to repeat" : "multiple repeat");
        }
        out.append(translated);
        at += length;
        if (next("?") || next("+")) {
            copy(in.substring(at, at + 1));
        }
        last = Last.REPETITION;
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    // ---- characters

    private void characterClass() {
        copy("[");
        if (next("^")) {
            copy("^");
        }
        boolean first = true;
        while (first || !next("]")) {
            if (at >= in.length()) {
                throw bad("unterminated character set");
            }
            char c = in.charAt(at);
            if (c == '\\') {
                escape(true);
            } else {
                // What stands for itself in Python opens a class within, or cuts classes, in Java.
                out.append("[]&^".indexOf(c) >= 0 ? "\\" : "").append(c);
                at++;
            }
            first = false;
        }
        copy("]");
        last = Last.ITEM;
    }

    private void escape(boolean inClass) {
        if (at + 1 >= in.length()) {
            throw bad("bad escape, the expression ends in a backslash");
        }
        char c = in.charAt(at + 1);
        last = "AbBZ".indexOf(c) >= 0 ? Last.NOTHING : Last.ITEM;
        if (c >= '0' && c <= '9') {
            numbered(inClass);
            return;
        }
        boolean ascii = c < 128 && Character.isLetter(c);
        if (!ascii) {
            out.append(c < 128 ? "\\" : "").append(c);
            at += 2;
            return;
        }
        switch (c) {
            case 'd', 'D', 's', 'S', 'w', 'W', 'f', 'n', 'r', 't' -> copy("\\" + c);
            case 'a' -> character(7, 2);
            case 'v' -> character(11, 2);
            case 'x' -> character(hex(2), 4);
            case 'u' -> character(hex(4), 6);
            case 'U' -> character(hex(8), 10);
            case 'N' -> throw unsupported("a character by name, \\N");
            default -> place(c, inClass);
        }
    }

    private void place(char c, boolean inClass) {
        if (inClass && c == 'b') {
            character(8, 2);
        } else if (!inClass && (c == 'A' || c == 'b' || c == 'B')) {
            copy("\\" + c);
        } else if (!inClass && c == 'Z') {
            out.append("\\z");
            at += 2;
        } else {
            throw bad("bad escape \\" + c);
        }
    }

    private void character(int code, int length) {
        out.append(String.format(Locale.ROOT, "\\x{%x}", code));
        at += length;
    }

    private int hex(int digits) {
        int from = at + 2;
        String text = in.substring(from, Math.min(in.length(), from + digits));
        boolean valid = text.length() == digits && text.chars().allMatch(c -> Character.digit(c, 16) >= 0);
        if (!valid || Long.parseLong(text, 16) > Character.MAX_CODE_POINT) {
            throw bad("incomplete escape \\" + in.charAt(at + 1) + text);
        }
        return Integer.parseInt(text, 16);
    }

    /** A backslash and digits: an octal code after a zero, of three digits, or within a class; otherwise a group. */
    private void numbered(boolean inClass) {
        int octal = octalDigits(at + 1);
        boolean zero = in.charAt(at + 1) == '0';
        if (inClass || zero || octal == 3) {
            if (octal == 0) {
                throw bad("bad escape \\" + in.charAt(at + 1));
            }
            int code = Integer.parseInt(in.substring(at + 1, at + 1 + octal), 8);
            if (code > 255) {
                throw bad("octal escape value outside of range 0-0o377");
            }
            character(code, 1 + octal);
            return;
        }
        int digits = at + 2 < in.length() && Character.digit(in.charAt(at + 2), 10) >= 0 ? 2 : 1;
        int group = Integer.parseInt(in.substring(at + 1, at + 1 + digits));
        if (group > groups) {
            throw bad("invalid group reference " + group);
        }
        out.append("(?:\\").append(group).append(')');
        at += 1 + digits;
    }

    private int octalDigits(int from) {
        int end = from;
        while (end < in.length() && end < from + 3 && in.charAt(end) >= '0' && in.charAt(end) <= '7') {
            end++;
        }
        return end - from;
    }
}
