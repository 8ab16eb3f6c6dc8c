package io.github.peft4j.jinja.internal.run;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.rendering.Work;

/**
 * What one rendering may spend. A template is hostile input: it may loop in loops, double a text sixty times, or call itself.
 *
 * <p>One unit of work is a character read or made, some nanoseconds. An element of a list costs {@link #ELEMENT} units, an expression or
 * statement {@link #STEP}. What is made is counted once more, so that it fits the memory. Neither depends on the machine's speed.
 */
public final class Budget {

    /** Units for every character that the caller passed in; templates read each of them some ten times. */
    private static final long WORK_BY_CHARACTER = 64;

    /** Units for every value that the caller passed in, some thirty expressions. */
    private static final long WORK_BY_VALUE = 4096;

    /** Units that evaluating an expression or a statement costs. */
    public static final int STEP = 128;

    /** Units that an element of a list costs: a reference, and often a small object. */
    public static final int ELEMENT = 64;

    /** Characters of text that a template may make; those made to be thrown away count too. */
    private static final long MADE = 32_000_000;

    private static final long MADE_BY_CHARACTER = 16;

    /** Characters that take as much memory as an element of a list. */
    private static final int ELEMENT_SIZE = 8;

    /** Characters of output, above those that were passed in. */
    private static final int OUTPUT = 16 << 20;

    /** Expressions and statements inside each other, macros that call themselves too; half a megabyte of stack is enough for it. */
    static final int DEPTH = 200;

    /** Lists and maps inside each other. */
    static final int NESTING = 100;

    private final Work work;
    private final long output;
    private long room;
    private int depth;

    /**
     * A budget.
     *
     * @param characters that the caller passed in
     * @param values that the caller passed in
     */
    public Budget(Work work, long characters, long values) {
        this(MADE + MADE_BY_CHARACTER * characters, OUTPUT + characters, work);
        work.justify(WORK_BY_CHARACTER * characters + WORK_BY_VALUE * values);
    }

    private Budget(long room, long output, Work work) {
        this.work = work;
        this.room = room;
        this.output = output;
    }

    /**
     * A budget of another size, for tests.
     *
     * @param room characters that may be made
     * @param output characters of output
     */
    public static Budget of(Work work, long room, long output) {
        return new Budget(room, output, work);
    }

    /** Pays for work. */
    public void spend(long units) {
        if (!work.take(units)) {
            throw tooMuch();
        }
    }

    /** Pays for characters of text that are made. */
    public void make(long characters) {
        spend(characters);
        room -= characters;
        if (room < 0) {
            throw tooMuch();
        }
    }

    private static TemplateException tooMuch() {
        return new TemplateException("the template works too long: it loops without end or makes too much text");
    }

    /** Pays for elements of a list. */
    public void spendElements(long count) {
        spend(ELEMENT * count);
        room -= ELEMENT_SIZE * count;
        if (room < 0) {
            throw tooMuch();
        }
    }

    /** Pays for looking for a text inside another, whose worst case is the product of the lengths. */
    public void spendSearch(String text, String part) {
        spend(text.length() + part.length() + (long) text.length() * part.length() / 2);
    }

    /** Pays for looking up a key: a text that was made anew is read twice, to find its place and to compare it. */
    public void spendKey(Object key) {
        spend(key instanceof String text ? ELEMENT + 2L * text.length() : ELEMENT);
    }

    /** Begins an expression or statement. */
    public void enter() {
        spend(STEP);
        if (++depth > DEPTH) {
            throw new TemplateException(
                    "the template is nested more than " + DEPTH + " deep: a macro may call itself without end");
        }
    }

    public void leave() {
        depth--;
    }

    /** Checks how deep inside lists and maps a walk is. */
    public static int deeper(int nesting) {
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
