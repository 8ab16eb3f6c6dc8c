package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Whitespace;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Python's methods of {@code str}, those that templates use. */
final class StringMethods {

    /** A method of a text. */
    private interface Method {
        Object apply(Budget budget, String text, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("strip", (b, s, a) -> Stripping.strip(b, s, a, "strip")),
            Map.entry("lstrip", (b, s, a) -> Stripping.strip(b, s, a, "lstrip")),
            Map.entry("rstrip", (b, s, a) -> Stripping.strip(b, s, a, "rstrip")),
            Map.entry("removeprefix", (b, s, a) -> {
                String prefix = a.bind("removeprefix", "prefix").text("prefix");
                b.spend(prefix.length());
                return s.startsWith(prefix) ? s.substring(prefix.length()) : s;
            }),
            Map.entry("removesuffix", (b, s, a) -> {
                String suffix = a.bind("removesuffix", "suffix").text("suffix");
                b.spend(suffix.length());
                return !suffix.isEmpty() && s.endsWith(suffix) ? s.substring(0, s.length() - suffix.length()) : s;
            }),
            Map.entry("upper", (b, s, a) -> none(a, "upper", s.toUpperCase(Locale.ROOT))),
            Map.entry("lower", (b, s, a) -> none(a, "lower", s.toLowerCase(Locale.ROOT))),
            Map.entry("title", (b, s, a) -> none(a, "title", Casing.title(b, s))),
            Map.entry("capitalize", (b, s, a) -> none(a, "capitalize", Casing.capitalize(s))),
            Map.entry("startswith", (b, s, a) -> affix(b, s, a, "startswith")),
            Map.entry("endswith", (b, s, a) -> affix(b, s, a, "endswith")),
            Map.entry("split", (b, s, a) -> Splitting.split(b, s, a, false)),
            Map.entry("rsplit", (b, s, a) -> Splitting.split(b, s, a, true)),
            Map.entry("splitlines", Splitting::lines),
            Map.entry("partition", (b, s, a) -> Splitting.partition(b, s, a, false)),
            Map.entry("rpartition", (b, s, a) -> Splitting.partition(b, s, a, true)),
            Map.entry("replace", StringMethods::replace),
            Map.entry("find", (b, s, a) -> Splitting.find(b, s, a, false)),
            Map.entry("rfind", (b, s, a) -> Splitting.find(b, s, a, true)),
            Map.entry("count", StringMethods::count),
            Map.entry("join", StringMethods::join),
            Map.entry("isspace", (b, s, a) -> none(a, "isspace", every(s, Whitespace::is))),
            Map.entry("isdigit", (b, s, a) -> none(a, "isdigit", every(s, Character::isDigit))),
            Map.entry("isalpha", (b, s, a) -> none(a, "isalpha", every(s, Character::isLetter))),
            Map.entry("isalnum", (b, s, a) -> none(a, "isalnum", every(s, Character::isLetterOrDigit))),
            Map.entry("isupper", (b, s, a) -> none(a, "isupper", Casing.isAll(b, s, true))),
            Map.entry("islower", (b, s, a) -> none(a, "islower", Casing.isAll(b, s, false))));

    /** Python's other methods: to call them missing would be wrong. */
    private static final Set<String> REFUSED = Set.of(
            "casefold",
            "center",
            "encode",
            "expandtabs",
            "format",
            "format_map",
            "index",
            "isascii",
            "isdecimal",
            "isidentifier",
            "isnumeric",
            "isprintable",
            "istitle",
            "ljust",
            "maketrans",
            "rindex",
            "rjust",
            "swapcase",
            "translate",
            "zfill");

    private StringMethods() {}

    /** A method of this text, or null if there is none of that name. */
    static @Nullable Callable find(String text, String name) {
        Method method = METHODS.get(name);
        if (method == null) {
            if (REFUSED.contains(name)) {
                throw new TemplateException(
                        "the method '" + name + "' of texts is not supported in chat templates. There are "
                                + new TreeSet<>(METHODS.keySet()));
            }
            return null;
        }
        return (frame, arguments) -> {
            Budget budget = frame.run().budget();
            budget.make(text.length());
            return method.apply(budget, text, arguments);
        };
    }

    private static Object none(Arguments arguments, String method, Object result) {
        arguments.bind(method);
        return result;
    }

    private static boolean every(String text, java.util.function.IntPredicate kind) {
        return !text.isEmpty() && text.codePoints().allMatch(kind);
    }

    private static Object affix(Budget budget, String text, Arguments arguments, String method) {
        Object given = arguments.bind(method, "affix").required("affix");
        for (Object affix : given instanceof Tuple tuple ? tuple.items() : java.util.List.of(given)) {
            if (!(affix instanceof String part)) {
                throw Types.wrong(method, affix);
            }
            budget.spend(Budget.ELEMENT + Math.min(text.length(), part.length()));
            if (method.equals("startswith") ? text.startsWith(part) : text.endsWith(part)) {
                return true;
            }
        }
        return false;
    }

    private static Object replace(Budget budget, String text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("replace", "old", "new", "count");
        return replace(budget, text, bound.text("old"), bound.text("new"), bound.integer("count", -1));
    }

    /** Replaces the first {@code count} occurrences, or all if it is negative. */
    static String replace(Budget budget, String text, String old, String by, int count) {
        budget.spendSearch(text, old);
        StringBuilder out = new StringBuilder();
        int at = 0;
        int left = count;
        while (left != 0) {
            int found = text.indexOf(old, at);
            if (found < 0) {
                break;
            }
            budget.make(by.length() + 1L);
            out.append(text, at, found).append(by);
            left--;
            at = found + old.length();
            if (old.isEmpty()) {
                if (found == text.length()) {
                    return out.toString();
                }
                int next = text.offsetByCodePoints(found, 1);
                out.append(text, found, next);
                at = next;
            }
        }
        return out.append(text, at, text.length()).toString();
    }

    private static Object count(Budget budget, String text, Arguments arguments) {
        String part = arguments.bind("count", "sub").text("sub");
        budget.spendSearch(text, part);
        if (part.isEmpty()) {
            return Elements.length(budget, text) + 1;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static Object join(Budget budget, String separator, Arguments arguments) {
        StringBuilder out = new StringBuilder();
        Iterator<Object> items =
                Elements.iterate(budget, arguments.bind("join", "iterable").required("iterable"));
        for (boolean first = true; items.hasNext(); first = false) {
            if (!(items.next() instanceof String item)) {
                throw new TemplateException("join needs texts only");
            }
            budget.make(separator.length() + item.length() + 1L);
            out.append(first ? "" : separator).append(item);
        }
        return out.toString();
    }
}
