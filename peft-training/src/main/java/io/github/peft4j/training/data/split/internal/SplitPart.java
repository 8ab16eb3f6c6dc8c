package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.training.data.internal.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A split, or a slice of one, as {@code datasets} writes it: {@code train}, {@code train[:90%]}, {@code test[100:-50]}.
 *
 * @param from the first row, or where percent it is; negative ones count from the end; null for the beginning
 * @param to the row behind the last, likewise; null for the end
 * @param percent whether both are hundredths of the split
 * @param whole whether a hundredth is a whole number of rows, so that all slices of as many hundredths are alike; otherwise each end is rounded
 */
record SplitPart(String name, @Nullable Long from, @Nullable Long to, boolean percent, boolean whole) {

    private static final Pattern FORM = Pattern.compile("(?<name>\\w+(?:\\.\\w+)*)"
            + "(?<slice>\\[(?:(?<from>-?[\\d_]+)(?<fromPercent>%)?)?:(?:(?<to>-?[\\d_]+)(?<toPercent>%)?)?])?"
            + "(?:\\((?<rounding>[^)]*)\\))?");

    private static final String WHOLE = "pct1_dropremainder";
    private static final long HUNDRED = 100;

    /** Characters of a number of rows. */
    private static final int LONGEST = 15;

    /** Rows of a split. */
    record Range(long from, long to) {}

    /**
     * Reads one or more, with {@code +} between them.
     *
     * @throws DataException if one is not of this form
     */
    static List<SplitPart> parse(String text) throws DataException {
        List<SplitPart> parts = new ArrayList<>();
        for (String part : text.split("\\+", -1)) {
            Matcher form = FORM.matcher(part.strip());
            if (!form.matches()) {
                throw bad(text);
            }
            boolean percent = form.group("fromPercent") != null || form.group("toPercent") != null;
            String rounding = form.group("rounding");
            boolean whole = WHOLE.equals(rounding);
            if (rounding != null && !(percent && (whole || rounding.equals("closest")))) {
                throw bad(text);
            }
            parts.add(new SplitPart(
                    form.group("name"),
                    number(form.group("from"), percent, text),
                    number(form.group("to"), percent, text),
                    percent,
                    whole));
        }
        return parts;
    }

    private static @Nullable Long number(@Nullable String digits, boolean percent, String text) throws DataException {
        if (digits == null) {
            return null;
        }
        String plain = digits.replace("_", "");
        if (plain.length() > LONGEST || plain.isEmpty() || plain.equals("-")) {
            throw bad(text);
        }
        long number = Long.parseLong(plain);
        if (percent && Math.abs(number) > HUNDRED) {
            throw bad(text);
        }
        return number;
    }

    private static DataException bad(String text) {
        return new DataException(
                "\"" + text + "\" is no split: expected a name, perhaps with a slice of its rows, as in"
                        + " train, train[:90%], test[100:200] or train+test[-50:], with numbers of rows or -100% to 100%");
    }

    /** Whether all rows are meant. */
    boolean all() {
        return from == null && to == null;
    }

    /**
     * The rows that are meant.
     *
     * @param count how many the split has
     * @throws DataException if a hundredth is to be a whole number of rows, but is none
     */
    Range of(long count) throws DataException {
        long first = from == null ? 0 : place(from, count);
        long end = to == null ? count : place(to, count);
        first = Math.min(first < 0 ? Math.max(0, count + first) : first, count);
        end = Math.min(end < 0 ? Math.max(0, count + end) : end, count);
        return new Range(first, Math.max(first, end));
    }

    private long place(long boundary, long count) throws DataException {
        if (!percent) {
            return boundary;
        }
        if (!whole) {
            return (long) Math.rint(boundary * count / (double) HUNDRED);
        }
        if (count < HUNDRED) {
            throw new DataException(
                    "the split " + name + " has " + count + " rows, too few for " + WHOLE + ": expected " + HUNDRED);
        }
        return boundary * (count / HUNDRED);
    }
}
