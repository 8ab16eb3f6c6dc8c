package io.github.peft4j.core.internal.pattern;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Translates a regular expression from Python's syntax to Java's; one use. */
public final class PythonSyntax {

    private static final int MAX_DEPTH = 200;

    /** What stands before the position, as far as a repetition asks. */
    private enum Last {
        NOTHING,
        ITEM,
        REPETITION
    }

    private final ExpressionCursor in;
    private final StringBuilder out = new StringBuilder();
    private final Map<String, String> names = new HashMap<>();
    private int groups;
    private Last last = Last.NOTHING;
    private int depth;

    /** Begins to read an expression. */
    public PythonSyntax(String expression) {
        this.in = new ExpressionCursor(expression);
    }

    /**
     * The expression in Java's syntax.
     *
     * @throws IllegalArgumentException if it is not valid in Python, or has no counterpart in Java
     */
    public String translate() {
        while (!in.atEnd()) {
            char c = in.current();
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
                    in.skip(1);
                }
            }
        }
        if (depth > 0) {
            throw in.bad("missing ), unterminated subpattern");
        }
        return out.toString();
    }

    /** Names of groups, each with the one it has in the translation: Java has no names with underscores. */
    public Map<String, String> groupNames() {
        return Map.copyOf(names);
    }

    private void copy(String text) {
        out.append(text);
        in.skip(text.length());
    }

    // ---- groups

    private void open() {
        if (in.next("(?#")) {
            int end = in.text().indexOf(')', in.at());
            if (end < 0) {
                throw in.bad("missing ), unterminated comment");
            }
            in.moveTo(end + 1);
            return;
        }
        if (in.next("(?P=")) {
            out.append("(?:\\k<").append(known(name(in.at() + 4, ')'))).append(">)");
            last = Last.ITEM;
            return;
        }
        last = Last.NOTHING;
        if (in.next("(?") && !in.next("(?P<") && isFlag(in.at() + 2)) {
            flags();
            return;
        }
        if (++depth > MAX_DEPTH) {
            throw in.bad("more than " + MAX_DEPTH + " groups inside each other");
        }
        if (in.next("(?P<")) {
            String name = name(in.at() + 4, '>');
            String group = "g" + ++groups;
            if (names.putIfAbsent(name, group) != null) {
                throw in.bad("redefinition of group name '" + name + "'");
            }
            out.append("(?<").append(group).append('>');
        } else if (in.next("(?(")) {
            throw in.unsupported("a condition on a group, (?(...)");
        } else if (in.next("(?")) {
            plainExtension();
        } else {
            groups++;
            copy("(");
        }
    }

    private void plainExtension() {
        for (String known : new String[] {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"}) {
            if (in.next(known)) {
                copy(known);
                return;
            }
        }
        throw in.bad("unknown extension "
                + in.text()
                        .substring(in.at() + 1, Math.min(in.at() + 4, in.text().length()))
                + "; a named group is (?P<name>...)");
    }

    /** Reads a name up to its terminator and goes on behind that. */
    private String name(int from, char terminator) {
        int end = in.text().indexOf(terminator, from);
        String name = end < 0 ? "" : in.text().substring(from, end);
        boolean identifier = !name.isEmpty()
                && Character.isUnicodeIdentifierStart(name.replace('_', 'a').charAt(0))
                && name.chars().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
        if (!identifier) {
            throw in.bad("bad group name '" + name + "'");
        }
        in.moveTo(end + 1);
        return name;
    }

    private String known(String name) {
        @Nullable String group = names.get(name);
        if (group == null) {
            throw in.bad("unknown group name '" + name + "'");
        }
        return group;
    }

    private boolean isFlag(int index) {
        return index < in.text().length() && "aiLmsux-".indexOf(in.text().charAt(index)) >= 0;
    }

    private void flags() {
        int end = in.at() + 2;
        while (isFlag(end)) {
            end++;
        }
        String letters = in.text().substring(in.at() + 2, end);
        char terminator = end < in.text().length() ? in.text().charAt(end) : 0;
        if (terminator != ')' && terminator != ':') {
            throw in.bad("bad inline flags " + letters);
        }
        if (terminator == ')' && (in.at() > 0 || letters.indexOf('-') >= 0)) {
            throw in.bad("global flags not at the start of the expression");
        }
        for (char refused : new char[] {'a', 'L', 'x'}) {
            if (letters.indexOf(refused) >= 0) {
                throw in.unsupported("the flag " + refused);
            }
        }
        // Java's u means that i knows all letters, as it always does in Python, where u says nothing new.
        out.append("(?").append(letters.replace("u", "").replace("i", "iu")).append(terminator);
        in.moveTo(end + 1);
        if (terminator == ':') {
            depth++;
        }
    }

    private void close() {
        if (--depth < 0) {
            throw in.bad("unbalanced parenthesis");
        }
        copy(")");
        last = Last.ITEM;
    }

    // ---- repetitions

    /** {@code {3}}, {@code {3,}}, {@code {,3}} and {@code {3,5}} repeat; any other brace stands for itself. */
    private void braces() {
        int end = in.text().indexOf('}', in.at());
        String inside = end < 0 ? "" : in.text().substring(in.at() + 1, end);
        int comma = inside.indexOf(',');
        String low = comma < 0 ? inside : inside.substring(0, comma);
        String high = comma < 0 ? inside : inside.substring(comma + 1);
        if (end < 0 || inside.isEmpty() || !isNumber(low) || !isNumber(high)) {
            out.append("\\{");
            in.skip(1);
            last = Last.ITEM;
            return;
        }
        repeat("{" + (low.isEmpty() ? "0" : low) + (comma < 0 ? "" : "," + high) + "}", end + 1 - in.at());
    }

    /** Repeats the last item; a {@code ?} or {@code +} behind says whether as seldom as possible or without going back. */
    private void repeat(String translated, int length) {
        if (last != Last.ITEM) {
            throw in.bad(last == Last.NOTHING ? "nothing to repeat" : "multiple repeat");
        }
        out.append(translated);
        in.skip(length);
        if (in.next("?") || in.next("+")) {
            copy(Character.toString(in.current()));
        }
        last = Last.REPETITION;
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    // ---- characters

    private void characterClass() {
        copy("[");
        if (in.next("^")) {
            copy("^");
        }
        boolean first = true;
        while (first || !in.next("]")) {
            if (in.atEnd()) {
                throw in.bad("unterminated character set");
            }
            char c = in.current();
            if (c == '\\') {
                escape(true);
            } else {
                // What stands for itself in Python opens a class within, or cuts classes, in Java.
                out.append("[]&^".indexOf(c) >= 0 ? "\\" : "").append(c);
                in.skip(1);
            }
            first = false;
        }
        copy("]");
        last = Last.ITEM;
    }

    private void escape(boolean inClass) {
        PythonEscape escape = new PythonEscape(in, inClass, groups);
        last = escape.isPlace() ? Last.NOTHING : Last.ITEM;
        out.append(escape.translate());
    }
}
