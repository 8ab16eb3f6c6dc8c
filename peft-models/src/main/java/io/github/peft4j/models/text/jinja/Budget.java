package io.github.peft4j.models.text.jinja;

/**
 * What one rendering may spend. A template is hostile input: it may loop in loops, double a text sixty times, or call itself.
 *
 * <p>One unit of work is a character read or made. An element of a list costs {@link #ELEMENT} units, an expression or statement
 * {@link #STEP}. That bounds time (a second or so) and memory (a few bytes for every unit) together, and does not depend on the
 * machine's speed.
 */
final class Budget {

    /** Two million expressions, or 32 million characters. A conversation of a thousand messages needs a twentieth of it. */
    private static final long WORK = 32_000_000;

    /** Units for every character that the caller passed in; templates read each of them some ten times. */
    private static final long WORK_BY_INPUT = 64;

    /** Units that evaluating an expression or a statement costs. */
    static final int STEP = 16;

    /** Units that an element of a list costs: a reference, and often a small object. */
    static final int ELEMENT = 8;

    /** Characters of output, above those that were passed in. */
    private static final int OUTPUT = 16 << 20;

    /** Expressions and statements inside each other, macros that call themselves too; half a megabyte of stack is enough for it. */
    static final int DEPTH = 200;

    /** Lists and maps inside each other. */
    static final int NESTING = 100;

    private final long output;
    private long left;
    private int depth;

    /**
     * A budget.
     *
     * @param input characters that the caller passed in
     */
    Budget(long input) {
        this(WORK + WORK_BY_INPUT * input, OUTPUT + input);
    }

    /**
     * A budget of another size.
     *
     * @param work units of work
     * @param output characters of output
     */
    Budget(long work, long output) {
        this.left = work;
        this.output = output;
    }

    /** Pays for work. */
    void spend(long units) {
        left -= units;
        if (left < 0) {
            throw new TemplateException("the template works too long: it loops without end or makes too much text");
        }
    }

    /** Pays for elements of a list. */
    void spendElements(long count) {
        spend(ELEMENT * count);
    }

    /** Pays for looking for a text inside another, whose worst case is the product of the lengths. */
    void spendSearch(String text, String part) {
        spend(text.length() + part.length() + (long) text.length() * part.length() / STEP);
    }

    /** Begins an expression or statement. */
    void enter() {
        spend(STEP);
        if (++depth > DEPTH) {
            throw new TemplateException(
                    "the template is nested more than " + DEPTH + " deep: a macro may call itself without end");
        }
    }

    void leave() {
        depth--;
    }

    /** Checks how deep inside lists and maps a walk is. */
    static int deeper(int nesting) {
        if (nesting >= NESTING) {
            throw new TemplateException("a value holds lists and maps more than " + NESTING + " deep");
        }
        return nesting + 1;
    }

    void checkOutput(long length) {
        if (length > output) {
            throw new TemplateException("the template makes more than " + output + " characters");
        }
    }
}
