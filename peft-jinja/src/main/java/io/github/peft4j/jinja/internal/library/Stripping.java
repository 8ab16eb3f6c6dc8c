package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Whitespace;
import java.util.function.IntPredicate;

/** Python's {@code strip}: whitespace, or a set of characters, taken off one or both ends. */
final class Stripping {

    private Stripping() {}

    /**
     * Strips.
     *
     * @param name "lstrip", "rstrip", or the name of what strips both ends
     */
    static String strip(Budget budget, String text, Arguments arguments, String name) {
        Arguments.Bound bound = arguments.bind(name, "chars");
        String set = bound.text("chars", "");
        boolean whitespace = bound.or("chars", None.NONE) == None.NONE;
        boolean start = !name.equals("rstrip");
        boolean end = !name.equals("lstrip");
        budget.spendSearch(text, set);
        IntPredicate taken = whitespace ? Whitespace::is : c -> set.indexOf(c) >= 0;
        int from = 0;
        int to = text.length();
        while (start && from < to && taken.test(text.codePointAt(from))) {
            from = text.offsetByCodePoints(from, 1);
        }
        while (end && to > from && taken.test(text.codePointBefore(to))) {
            to = text.offsetByCodePoints(to, -1);
        }
        return text.substring(from, to);
    }
}
