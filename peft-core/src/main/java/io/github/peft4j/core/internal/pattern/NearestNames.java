package io.github.peft4j.core.internal.pattern;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds what somebody may have meant by a name that does not exist: one that is spelt much like it, that it abbreviates, or that
 * shares its words. Capitals, leading dashes and the kind of dash between words make no difference.
 */
public final class NearestNames {

    private static final int MOST = 3;

    /** How one name is like another, the nearest first. {@code SAME} is the same but for case and dashes. */
    private enum Likeness {
        SAME,
        ABBREVIATED,
        MISSPELT,
        SAME_WORDS,
        CONTAINED,
        NONE
    }

    /** Of texts shorter than this, that one lies within the other says nothing. */
    private static final int SHORT = 3;

    /** Longer texts, which may come from a stranger's file, are no names. */
    private static final int LONGEST = 200;

    private NearestNames() {}

    /** The known names that are nearest to a wanted one, at most three, the nearest first; none if nothing is near. */
    public static List<String> to(String wanted, Collection<String> known) {
        Map<String, Likeness> near = new TreeMap<>();
        for (String name : known) {
            Likeness kind = likeness(plain(wanted), plain(name));
            if (kind != Likeness.NONE) {
                near.put(name, kind);
            }
        }
        return near.keySet().stream()
                .sorted(Comparator.<String, Likeness>comparing(near::get)
                        .thenComparingInt(name -> distance(plain(wanted), plain(name))))
                .limit(MOST)
                .toList();
    }

    /** {@code "did you mean x or y?"}, or nothing. */
    public static String question(String wanted, Collection<String> known) {
        List<String> near = to(wanted, known);
        if (near.isEmpty()) {
            return "";
        }
        int last = near.size() - 1;
        String others = String.join(", ", near.subList(0, last));
        return "did you mean " + others + (last > 0 ? " or " : "") + near.get(last) + "?";
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-').replaceFirst("^-+", "");
    }

    private static Likeness likeness(String wanted, String name) {
        if (wanted.equals(name)) {
            return Likeness.SAME;
        }
        if (wanted.isEmpty() || name.isEmpty() || wanted.length() > LONGEST) {
            return Likeness.NONE;
        }
        if (name.startsWith(wanted) || initials(name).equals(wanted)) {
            return Likeness.ABBREVIATED;
        }
        int longer = Math.max(wanted.length(), name.length());
        if (distance(wanted, name) <= (longer > 1 ? Math.max(1, longer / 3) : 0)) {
            return Likeness.MISSPELT;
        }
        List<String> wantedWords = Arrays.asList(wanted.split("-", -1));
        List<String> words = Arrays.asList(name.split("-", -1));
        if (wantedWords.containsAll(words) || words.containsAll(wantedWords)) {
            return Likeness.SAME_WORDS;
        }
        boolean contained = wanted.contains(name) || name.contains(wanted);
        boolean begun = wanted.startsWith(name) && wanted.length() <= SHORT + 1;
        return begun || (contained && Math.min(wanted.length(), name.length()) >= SHORT)
                ? Likeness.CONTAINED
                : Likeness.NONE;
    }

    /** {@code lr} of {@code learning-rate}. */
    private static String initials(String name) {
        return Arrays.stream(name.split("-", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> word.substring(0, 1))
                .collect(Collectors.joining());
    }

    /** Letters to insert, remove, exchange, or swap with their neighbour, to get from one text to the other. */
    static int distance(String one, String other) {
        int[][] steps = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                steps[i][j] = i == 0 || j == 0 ? i + j : step(one, other, steps, i, j);
            }
        }
        return steps[one.length()][other.length()];
    }

    private static int step(String one, String other, int[][] steps, int i, int j) {
        int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        int least = Math.min(steps[i - 1][j - 1] + change, 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
        boolean swapped =
                i > 1 && j > 1 && one.charAt(i - 1) == other.charAt(j - 2) && one.charAt(i - 2) == other.charAt(j - 1);
        return swapped ? Math.min(least, steps[i - 2][j - 2] + 1) : least;
    }
}
