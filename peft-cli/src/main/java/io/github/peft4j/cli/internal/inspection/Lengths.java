package io.github.peft4j.cli.internal.inspection;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** How many rows have how many tokens. */
final class Lengths {

    private static final int MOST_BARS = 10;
    private static final int WIDTH = 40;

    private final NavigableMap<Integer, Long> rows = new TreeMap<>();

    /**
     * Rows of lengths from one to another.
     *
     * @param from the smallest
     * @param to the greatest
     * @param rows how many
     */
    record Bar(int from, int to, long rows) {}

    void add(int length) {
        rows.merge(length, 1L, Long::sum);
    }

    /** All in at most ten bars of one width, a number that people would take. */
    List<Bar> bars() {
        List<Bar> bars = new ArrayList<>();
        if (rows.isEmpty()) {
            return bars;
        }
        int width = width(rows.lastKey() - rows.firstKey() + 1L);
        for (int from = rows.firstKey() / width * width; from <= rows.lastKey(); from += width) {
            Map<Integer, Long> within = rows.subMap(from, true, from + width - 1, true);
            bars.add(new Bar(
                    from,
                    from + width - 1,
                    within.values().stream().mapToLong(Long::longValue).sum()));
        }
        return bars;
    }

    private static int width(long range) {
        int width = 1;
        for (int i = 0; (long) width * (MOST_BARS - 1) < range; i++) {
            // 1, 2, 5, 10, 20, 50 ...
            width = i % 3 == 1 ? width / 2 * 5 : 2 * width;
        }
        return width;
    }

    /** A line for each bar. */
    String lines() {
        List<Bar> bars = bars();
        long most = bars.stream().mapToLong(Bar::rows).max().orElse(1);
        int digits = bars.isEmpty()
                ? 1
                : Integer.toString(bars.get(bars.size() - 1).to).length();
        StringBuilder lines = new StringBuilder();
        for (Bar bar : bars) {
            int length = (int) Math.ceil((double) bar.rows * WIDTH / most);
            lines.append(String.format(
                    Locale.ROOT,
                    "  %" + digits + "d-%-" + digits + "d  %s %,d%n",
                    bar.from,
                    bar.to,
                    "#".repeat(length),
                    bar.rows));
        }
        return lines.toString();
    }
}
