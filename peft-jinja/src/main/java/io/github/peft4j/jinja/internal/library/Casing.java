package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Whitespace;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/** Python's upper and lower case beyond what Java has under the same name. */
final class Casing {

    /** Units that a character costs which is changed on its own. */
    private static final long UNITS = 16;

    private Casing() {}

    /** Python's {@code str.title}: a letter after anything that is no letter is upper case, others lower. */
    static String title(Budget budget, String text) {
        return title(budget, text, c -> !isCased(c), Casing::titled);
    }

    /** Jinja's filter {@code title}: the first character of what stands between blanks, hyphens and opening brackets. */
    static String titleOfWords(Budget budget, String text) {
        return title(budget, text, c -> Whitespace.is(c) || "-({[<".indexOf(c) >= 0, Casing::upper);
    }

    /** What is first, in the text or behind a separator, in a case of its own, and the others in lower case. */
    private static String title(Budget budget, String text, IntPredicate separates, IntFunction<String> first) {
        budget.spend(UNITS * text.length());
        StringBuilder out = new StringBuilder();
        boolean begins = true;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            out.append(begins ? first.apply(c) : Character.toString(c).toLowerCase(Locale.ROOT));
            begins = separates.test(c);
            at += Character.charCount(c);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int second = text.offsetByCodePoints(0, 1);
        return titled(text.codePointAt(0)) + text.substring(second).toLowerCase(Locale.ROOT);
    }

    private static String titled(int c) {
        int title = Character.toTitleCase(c);
        return title == c ? upper(c) : Character.toString(title);
    }

    private static String upper(int c) {
        return Character.toString(c).toUpperCase(Locale.ROOT);
    }

    private static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    /** Whether there are cased letters and all are of this case. */
    static boolean isAll(Budget budget, String text, boolean upper) {
        budget.make(2L * text.length());
        boolean cased = false;
        for (int c : text.codePoints().toArray()) {
            if (Character.isTitleCase(c) || (upper ? Character.isLowerCase(c) : Character.isUpperCase(c))) {
                return false;
            }
            cased |= Character.isUpperCase(c) || Character.isLowerCase(c);
        }
        return cased;
    }
}
