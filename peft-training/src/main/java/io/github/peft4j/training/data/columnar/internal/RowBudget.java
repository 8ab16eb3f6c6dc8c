package io.github.peft4j.training.data.columnar.internal;

/**
 * What one row may take, so that a small file cannot fill the memory: as much as a row of JSON. A list of a billion nothings has no bytes in the file.
 */
public final class RowBudget {

    private static final int BYTES = 32 << 20;

    /** What a number takes at least, as text. */
    public static final int NUMBER = 2;

    /** What a text, list or object takes beside what is in it. */
    public static final int PART = 32;

    private static final int DEPTH = 128;

    private long left = BYTES;
    private int depth;

    /** Begins the next row. */
    public void renew() {
        left = BYTES;
        depth = 0;
    }

    /**
     * Takes some of it.
     *
     * @throws UnreadableRow if there is not as much left
     */
    public void spend(long bytes) throws UnreadableRow {
        left -= bytes;
        if (bytes > BYTES || left < 0) {
            throw new UnreadableRow("it is longer than " + BYTES + " bytes, or holds more than " + BYTES / PART
                    + " texts, lists and objects");
        }
    }

    /**
     * Takes a list or object, in which others are until {@link #leave}.
     *
     * @throws UnreadableRow if there is not as much left, or it is in too many
     */
    public void enter() throws UnreadableRow {
        spend(PART);
        if (++depth > DEPTH) {
            throw new UnreadableRow("it is nested more than " + DEPTH + " deep");
        }
    }

    /** Is behind the list or object. */
    public void leave() {
        depth--;
    }
}
