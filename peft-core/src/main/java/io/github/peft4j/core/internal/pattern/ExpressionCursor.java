package io.github.peft4j.core.internal.pattern;

/** A regular expression of Python's and how far it is read; what is wrong with it is told with that position. */
final class ExpressionCursor {

    private static final int MOST_SHOWN = 200;

    private final String text;
    private int at;

    ExpressionCursor(String text) {
        this.text = text;
    }

    static IllegalArgumentException invalid(String text, String problem) {
        return new IllegalArgumentException(shown(text) + " is no valid regular expression of Python: " + problem);
    }

    static String shown(String text) {
        return '"' + (text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...") + '"';
    }

    IllegalArgumentException bad(String problem) {
        return invalid(text, problem + " at position " + at);
    }

    IllegalArgumentException unsupported(String what) {
        return new IllegalArgumentException("the regular expression " + shown(text) + " uses " + what
                + ", which this version does not support (position " + at + ")");
    }

    String text() {
        return text;
    }

    int at() {
        return at;
    }

    /** Goes on at an index. */
    void moveTo(int index) {
        at = index;
    }

    /** Goes on by so many characters. */
    void skip(int characters) {
        at += characters;
    }

    boolean atEnd() {
        return at >= text.length();
    }

    /** The character at the position. */
    char current() {
        return text.charAt(at);
    }

    /** Whether a text comes next. */
    boolean next(String expected) {
        return text.startsWith(expected, at);
    }
}
