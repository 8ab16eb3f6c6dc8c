package io.github.peft4j.models.text.internal;

import java.util.Arrays;

/**
 * Text from tokens that come one after the other, as while generating.
 *
 * <p>A character may take several tokens, and how a token reads may depend on the one before it. So a piece of text comes out as soon as
 * it ends with a whole character; until then it is held back. All pieces together are the text of all tokens. (Where tokens spell
 * bytes that are no UTF-8, a character that came out may read otherwise in the text of all tokens. The clean-up of spaces that some old
 * tokenizers ask for is not done.)
 *
 * <p>Not safe for concurrent use.
 */
public final class TextStream {

    /** A character has at most four bytes, so after this many tokens without a whole one the bytes are no text. */
    private static final int LONGEST_WAIT = 16;

    /** What stands for bytes that are no character, or not yet. */
    private static final String NO_CHARACTER = "\ufffd";

    /** Turns tokens into text. */
    @FunctionalInterface
    public interface Decoder {
        /** The text of some tokens. */
        String decode(int[] ids);
    }

    private final Decoder decoder;
    private int[] window = new int[LONGEST_WAIT];
    private int size;
    private int given;

    /** A stream that holds no token yet. */
    public TextStream(Decoder decoder) {
        this.decoder = decoder;
    }

    /**
     * Takes the next token.
     *
     * @return the text that is certain now; often empty
     */
    public String add(int id) {
        if (size == window.length) {
            window = Arrays.copyOf(window, 2 * size);
        }
        window[size++] = id;
        String before = text(given);
        String now = text(size);
        if (given > 0 && now.equals(before)) {
            // It stands for nothing, as special tokens that are left out do.
            size = given;
            return "";
        } else if (now.endsWith(NO_CHARACTER) && size - given < LONGEST_WAIT) {
            return "";
        }
        String piece = after(before, now);
        if (!piece.isEmpty()) {
            // The tokens that came out last stay, since the next may read differently after them.
            window = Arrays.copyOfRange(window, given, Math.max(given + LONGEST_WAIT, size));
            size -= given;
            given = size;
        }
        return piece;
    }

    /** What was held back, at the end of the tokens. The stream begins anew. */
    public String finish() {
        String rest = after(text(given), text(size));
        size = 0;
        given = 0;
        return rest;
    }

    private String text(int count) {
        return decoder.decode(Arrays.copyOf(window, count));
    }

    private static String after(String before, String now) {
        int same = 0;
        while (same < before.length() && same < now.length() && before.charAt(same) == now.charAt(same)) {
            same++;
        }
        return now.substring(same);
    }
}
