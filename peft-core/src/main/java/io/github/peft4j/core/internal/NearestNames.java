package io.github.peft4j.core.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds what somebody may have meant by a name that does not exist. */
public final class NearestNames {

    private static final int MOST = 3;

    private NearestNames() {}

    /** The known names that differ least from a wanted one, at most three; none if nothing is near. */
    public static List<String> to(String wanted, Collection<String> known) {
        int limit = Math.max(2, wanted.length() / 3);
        return new TreeSet<>(known)
                .stream()
                        .filter(name -> distance(wanted, name) <= limit || contains(wanted, name))
                        .sorted(Comparator.comparingInt((String name) -> distance(wanted, name)))
                        .limit(MOST)
                        .toList();
    }

    /** {@code "; did you mean x or y?"}, or nothing. */
    public static String question(String wanted, Collection<String> known) {
        List<String> near = to(wanted, known);
        return near.isEmpty() ? "" : near.stream().collect(Collectors.joining(" or ", "; did you mean ", "?"));
    }

    private static boolean contains(String one, String other) {
        int shorter = Math.min(one.length(), other.length());
        return shorter >= 3 && (one.contains(other) || other.contains(one));
    }

    /** Letters to insert, remove or exchange to get from one text to the other. */
    static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int exchange = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(exchange, 1 + Math.min(before[j], now[j - 1]));
            }
            before = now;
        }
        return before[other.length()];
    }
}
