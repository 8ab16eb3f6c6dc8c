package io.github.peft4j.training.data.text.internal;

/** White space between rows, in bytes of UTF-8. */
final class Spaces {

    private Spaces() {}

    /** The length of the byte order mark that a text begins with, or 0. */
    static int mark(byte[] text) {
        boolean marked = text.length >= 3 && text[0] == (byte) 0xef && text[1] == (byte) 0xbb && text[2] == (byte) 0xbf;
        return marked ? 3 : 0;
    }

    /** Where the first byte from a place on is that is no white space. */
    static int skipped(byte[] text, int from) {
        int at = from;
        while (at < text.length && (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r'))) {
            at++;
        }
        return at;
    }
}
