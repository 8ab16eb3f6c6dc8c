package io.github.peft4j.core.internal.pattern;

/** How much work regular expressions may still do: each look at a character is one step, however often it is taken back. */
public final class Steps {

    /** A few seconds of work; an expression that lists every module of a large model takes most of it. */
    private static final long ENOUGH = 50_000_000;

    /** The work is used up. */
    public static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Exhausted() {
            super("too many steps", null, false, false);
        }
    }

    private long left;

    /** Enough for one selection. */
    public Steps() {
        this(ENOUGH);
    }

    /** Room for this many steps. */
    public Steps(long left) {
        this.left = left;
    }

    /** The same text; reading it uses steps up. */
    public CharSequence counting(CharSequence text) {
        return new Counting(text, 0, text.length());
    }

    private final class Counting implements CharSequence {
        private final CharSequence text;
        private final int start;
        private final int end;

        private Counting(CharSequence text, int start, int end) {
            this.text = text;
            this.start = start;
            this.end = end;
        }

        @Override
        public int length() {
            return end - start;
        }

        @Override
        public char charAt(int index) {
            if (left-- <= 0) {
                throw new Exhausted();
            }
            return text.charAt(start + index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return new Counting(text, start + from, start + to);
        }

        @Override
        public String toString() {
            return text.subSequence(start, end).toString();
        }
    }
}
