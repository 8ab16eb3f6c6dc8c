package io.github.peft4j.jinja.internal.rendering;

import org.jspecify.annotations.Nullable;

/**
 * How much work renderings may take together. A template is hostile input, and one that takes a second is called once for each row, and
 * several times for a row whose parts are wanted; so there is a limit for one rendering, one for all renderings of a row, and one for all
 * rows. Beside each counts what the size of the variables justifies.
 *
 * <p>Rows may be rendered by several threads at once, each with what {@link #ofRow} gave it; nothing else is safe for concurrent use.
 */
public final class Work {

    /** A second or so: two million expressions. */
    private static final long ONCE = 256_000_000;

    /** For all rows together, as a multiple of what one may take. */
    private static final long ROWS = 16;

    /** What a row's size may justify: its parts are rendered again and again, so that it would grow with the square of the size. */
    private static final long MOST_BY_SIZE = 24 * ONCE;

    private final @Nullable Work outer;
    private long left;
    private long justified = MOST_BY_SIZE;
    private long borrowed;

    private Work(@Nullable Work outer, long left) {
        this.outer = outer;
        this.left = left;
    }

    /** For one rendering. */
    public static Work once() {
        return new Work(null, ONCE);
    }

    /** For the rows of a data set; {@link #ofRow} gives each its part. */
    public static Work ofRows() {
        return new Work(null, ROWS * ONCE);
    }

    /** For the renderings of one row: no more than for a single rendering, and all rows' together no more than there is. */
    public Work ofRow() {
        return new Work(this, 0);
    }

    /**
     * For renderings that together may take as much as this.
     *
     * @param units a character that is read or made costs one, an expression some hundred
     */
    public static Work of(long units) {
        return new Work(null, units);
    }

    /** Adds what the size of the variables justifies. */
    public void justify(long units) {
        long granted = Math.min(units, justified);
        justified -= granted;
        left += granted;
    }

    /** Takes work, or says that there is not enough. */
    public boolean take(long units) {
        left -= units;
        return left >= 0 || borrow(-left);
    }

    private boolean borrow(long units) {
        if (outer == null || units > ONCE - borrowed) {
            return false;
        }
        synchronized (outer) {
            if (!outer.take(units)) {
                return false;
            }
        }
        borrowed += units;
        left = 0;
        return true;
    }
}
