package io.github.peft4j.models.internal.message;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Text of unknown origin, made fit for a terminal or a log: what could steer a terminal, forge a line or turn the order of characters around stands as
 * {@code \}{@code u001b}, and the middle of what is too long is left out. Names and values of files come from strangers, and end up in messages.
 *
 * <p>Escaped are control characters, line and paragraph separators, lone surrogates and invisible format characters such as bidirectional overrides,
 * but not the two joiners, which words of several scripts and many emoji need.
 */
public final class Printable {

    /** The longest whole message: some screens, or twenty rows of data with what is wrong with each. */
    public static final int LONGEST_MESSAGE = 8000;

    private static final int LONGEST_PASSAGE = 2000;

    private static final int LONGEST_EXCERPT = 160;

    /** Room for saying how much is left out, so that what was shortened once is not shortened again. */
    private static final int LONGEST_REMARK = 40;

    /** Zero-width non-joiner and joiner. */
    private static final String JOINERS = "\u200c\u200d";

    private Printable() {}

    /** A name or value of a file, in quotes, to be put into a message. */
    public static String quoted(String text) {
        return '"' + excerpt(text) + '"';
    }

    /** A name or value of a file, to be put into a message: one line of at most 160 characters. */
    public static String excerpt(String text) {
        return line(text, LONGEST_EXCERPT);
    }

    /** What a file itself has to say, to be put into a message: one line of at most 2,000 characters. */
    public static String passage(String text) {
        return line(text, LONGEST_PASSAGE);
    }

    /** A whole message: one line of at most {@value #LONGEST_MESSAGE} characters. A message that was made so stays as it is. */
    public static String message(String text) {
        return line(text, LONGEST_MESSAGE);
    }

    /** Text whose lines and tabs are to stay, of any length. */
    public static String text(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n' || c == '\t') {
                out.appendCodePoint(c);
            } else {
                append(out, c);
            }
        });
        return out.toString();
    }

    private static String line(String text, int longest) {
        StringBuilder whole = new StringBuilder();
        int end = head(whole, text, longest);
        if (end == text.length()) {
            return whole.toString();
        }
        StringBuilder out = new StringBuilder();
        int half = (longest - LONGEST_REMARK) / 2;
        int from = head(out, text, half);
        Deque<String> tail = new ArrayDeque<>();
        int to = tail(tail, text, half);
        out.append(" ... ").append(to - from).append(" characters left out ... ");
        tail.forEach(out::append);
        return out.toString();
    }

    /** Appends the beginning of a text; returns where it ended. */
    private static int head(StringBuilder out, String text, int longest) {
        int at = 0;
        while (at < text.length()) {
            int before = out.length();
            int c = text.codePointAt(at);
            append(out, c);
            if (out.length() > longest) {
                out.setLength(before);
                return at;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    /** Collects the end of a text; returns where it begins. */
    private static int tail(Deque<String> out, String text, int longest) {
        int at = text.length();
        int length = 0;
        while (true) {
            int c = text.codePointBefore(at);
            StringBuilder shown = new StringBuilder();
            append(shown, c);
            length += shown.length();
            if (length > longest) {
                return at;
            }
            out.push(shown.toString());
            at -= Character.charCount(c);
        }
    }

    private static void append(StringBuilder out, int c) {
        if (!isHidden(c)) {
            out.appendCodePoint(c);
            return;
        }
        for (char unit : Character.toChars(c)) {
            escape(out, unit);
        }
    }

    /** Appends {@code \}{@code u} and four hexadecimal digits. */
    public static void escape(StringBuilder out, char unit) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(Character.forDigit(unit >> shift & 15, 16));
        }
    }

    /** Whether a character is not seen as itself where text is shown. */
    public static boolean isHidden(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            case Character.FORMAT -> JOINERS.indexOf(codePoint) < 0;
            default -> false;
        };
    }
}
