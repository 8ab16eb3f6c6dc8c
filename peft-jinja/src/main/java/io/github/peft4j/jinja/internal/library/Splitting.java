package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Whitespace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's {@code split}, {@code rsplit}, {@code splitlines}, {@code partition} and {@code find}. */
final class Splitting {

    private Splitting() {}

    static Object split(Budget budget, String text, Arguments arguments, boolean back) {
        Arguments.Bound bound = arguments.bind(back ? "rsplit" : "split", "sep", "maxsplit");
        int limit = bound.integer("maxsplit", -1);
        if (bound.or("sep", None.NONE) == None.NONE) {
            return back ? wordsBack(budget, text, limit) : words(budget, text, limit);
        }
        String separator = separator(budget, text, bound);
        return back ? partsBack(budget, text, separator, limit) : parts(budget, text, separator, limit);
    }

    private static List<Object> parts(Budget budget, String text, String separator, int limit) {
        List<Object> parts = new ArrayList<>();
        int at = 0;
        for (int found = text.indexOf(separator); found >= 0 && parts.size() != limit; ) {
            add(budget, parts, text.substring(at, found));
            at = found + separator.length();
            found = text.indexOf(separator, at);
        }
        parts.add(text.substring(at));
        return parts;
    }

    private static List<Object> partsBack(Budget budget, String text, String separator, int limit) {
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        for (int found = text.lastIndexOf(separator); found >= 0 && parts.size() != limit; ) {
            add(budget, parts, text.substring(found + separator.length(), end));
            end = found;
            found = end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length());
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    /** Adds a part, paid for; its text is part of the whole's, which is paid for already. */
    private static void add(Budget budget, List<Object> parts, String part) {
        budget.spendElements(2);
        parts.add(part);
    }

    private static String separator(Budget budget, String text, Arguments.Bound bound) {
        String separator = bound.text("sep");
        if (separator.isEmpty()) {
            throw new TemplateException(bound.function() + ": the separator is empty");
        }
        budget.spendSearch(text, separator);
        return separator;
    }

    private static List<Object> words(Budget budget, String text, int limit) {
        List<Object> words = new ArrayList<>();
        int at = Whitespace.skip(text, 0);
        while (at < text.length()) {
            int end = at;
            while (end < text.length() && (words.size() == limit || !Whitespace.is(text.charAt(end)))) {
                end++;
            }
            add(budget, words, text.substring(at, end));
            at = Whitespace.skip(text, end);
        }
        return words;
    }

    private static List<Object> wordsBack(Budget budget, String text, int limit) {
        List<Object> words = new ArrayList<>();
        int end = Whitespace.skipBack(text, text.length());
        while (end > 0) {
            int at = end;
            while (at > 0 && (words.size() == limit || !Whitespace.is(text.charAt(at - 1)))) {
                at--;
            }
            add(budget, words, text.substring(at, end));
            end = Whitespace.skipBack(text, at);
        }
        Collections.reverse(words);
        return words;
    }

    static Object lines(Budget budget, String text, Arguments arguments) {
        boolean keep = arguments.bind("splitlines", "keepends").flag("keepends");
        List<Object> lines = new ArrayList<>();
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean ends =
                    (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
            if (ends) {
                int next = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n' ? i + 2 : i + 1;
                add(budget, lines, text.substring(at, keep ? next : i));
                at = next;
                i = next - 1;
            }
        }
        if (at < text.length()) {
            lines.add(text.substring(at));
        }
        return lines;
    }

    static Object partition(Budget budget, String text, Arguments arguments, boolean last) {
        String separator = separator(budget, text, arguments.bind(last ? "rpartition" : "partition", "sep"));
        int found = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (found < 0) {
            return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
        }
        return new Tuple(List.of(text.substring(0, found), separator, text.substring(found + separator.length())));
    }

    /** The position in code points, or -1. */
    static Object find(Budget budget, String text, Arguments arguments, boolean last) {
        String part = arguments.bind(last ? "rfind" : "find", "sub").text("sub");
        budget.spendSearch(text, part);
        int found = last ? text.lastIndexOf(part) : text.indexOf(part);
        return found < 0 ? -1L : (long) text.codePointCount(0, found);
    }
}
