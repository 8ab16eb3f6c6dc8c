package io.github.peft4j.training.batch.internal;

import io.github.peft4j.training.data.Dataset;

/**
 * How large the windows of a stream are. They may grow, each twice as large as the one before, so that a run need not wait for a large one before its first
 * step. A window's size follows from its number alone, so that a run goes on as it would have.
 *
 * @param rows that a window has at most
 * @param tokens from which on a window is full; 0 for any number
 * @param growing how many windows are smaller than that, the first so many times by half
 */
record WindowSize(int rows, long tokens, int growing) {

    /**
     * Rows of a window, and tokens from which on a window is full. The first is a sixteenth: 625 rows, or 65,536 tokens, which is a second or less of encoding.
     */
    static final WindowSize USUAL = new WindowSize(Dataset.Streamed.USUAL_WINDOW, 1 << 20, 4);

    /** That which a user asked for: so many rows from the first window on; 0 for the usual. */
    static WindowSize of(int rows) {
        return rows == 0 ? USUAL : new WindowSize(rows, 0, 0);
    }

    /** That of a window. */
    WindowSize at(long window) {
        int halved = (int) Math.max(0, growing - window);
        return new WindowSize(rows >> halved, tokens >> halved, 0);
    }
}
