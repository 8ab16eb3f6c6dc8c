package io.github.peft4j.jinja.internal.value;

/** What Python's {@code str.isspace} and the whitespace of its regular expressions are; Java's own ideas differ. */
public final class Whitespace {

    private Whitespace() {}

    public static boolean is(int c) {
        return (c >= '\t' && c <= '\r')
                || (c >= 0x1c && c <= ' ')
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** The first position from {@code from} on that is no whitespace. */
    public static int skip(String text, int from) {
        int at = from;
        while (at < text.length() && is(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** The position after the last character before {@code to} that is no whitespace. */
    public static int skipBack(String text, int to) {
        int at = to;
        while (at > 0 && is(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }
}
